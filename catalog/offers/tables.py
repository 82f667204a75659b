"""Which member switched which offer on."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData(schema="catalog")

offer_activation = Table(
    "offer_activation",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("offer_activation_id", Uuid, nullable=False),
    Column("reward_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("rule_id", Uuid, nullable=False),
    Column("member_id", Uuid, nullable=False),
    Column("activated_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "offer_activation_id", name="offer_activation_pkey"),
    UniqueConstraint("network_id", "member_id", "rule_id", name="offer_activation_key"),
    Index("offer_activation_by_reward", "network_id", "reward_id", "member_id"),
    info={"class": "tenant"},
)
