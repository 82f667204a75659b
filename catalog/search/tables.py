"""What is on sale, filed by its words, and the words themselves."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

metadata = MetaData(schema="catalog")
TENANT = {"class": "tenant"}

# Public words and facts alone: whoever may call the search may know all of it.
reward_search = Table(
    "reward_search",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("rank", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("category", Text),
    Column("brand_id", Uuid),
    Column("price_band", Text),
    Column("delivery", Text, nullable=False),
    Column("countries", ARRAY(String(2)), nullable=False),
    Column("words", TSVECTOR, nullable=False),
    PrimaryKeyConstraint("network_id", "reward_id", name="reward_search_pkey"),
    # Every lexeme begins with the network. Nothing is put off until later: a search would wait.
    Index(
        "reward_search_words",
        "words",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    ),
    Index("reward_search_by_brand", "network_id", "brand_id"),
    info=TENANT,
)

# Every word that was ever filed; none is taken away, so a search can go on as it began.
search_word = Table(
    "search_word",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("word", Text(collation="C"), nullable=False),
    Column("filed_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "word", name="search_word_pkey"),
    info=TENANT,
)

search_slip = Table(
    "search_slip",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("slip", Text(collation="C"), nullable=False),
    Column("word", Text(collation="C"), nullable=False),
    Column("filed_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "slip", "word", name="search_slip_pkey"),
    info=TENANT,
)
