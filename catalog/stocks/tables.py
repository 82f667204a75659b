"""How many cards of the network's own are left, for rewards whose cards are limited."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

metadata = MetaData(schema="catalog")

# `cards_left` is null where a limit was lifted: then there are always more.
card_stock = Table(
    "card_stock",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("cards_left", Integer),
    Column("set_by", Text, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "reward_id", name="card_stock_pkey"),
    info={"class": "tenant"},
)
