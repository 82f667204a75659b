"""Changes of the catalogue, and how far the order of each network's goes."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

metadata = MetaData(schema="catalog")
TENANT = {"class": "tenant"}

reward_change = Table(
    "reward_change",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("reward_change_id", Uuid, nullable=False),
    Column("reward_id", Uuid),
    Column("kind", Text, nullable=False),
    Column("version", Integer),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("place", BigInteger),
    Column("programme_id", Uuid),
    PrimaryKeyConstraint("network_id", "reward_change_id", name="reward_change_pkey"),
    Index("reward_change_place_key", "network_id", "place", unique=True),
    Index(
        "reward_change_unplaced",
        "network_id",
        "reward_change_id",
        postgresql_where=text("place IS NULL"),
    ),
    info=TENANT,
)

change_head = Table(
    "change_head",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("last_place", BigInteger, nullable=False),
    PrimaryKeyConstraint("network_id", name="change_head_pkey"),
    info=TENANT,
)
