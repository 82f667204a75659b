"""The tables of reserves and their policies."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData(schema="payouts")
TENANT = {"class": "tenant"}

reserve_policy = Table(
    "reserve_policy",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("policy_id", Uuid, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("partner_id", Uuid),
    Column("share_bps", SmallInteger, nullable=False),
    Column("hold_days", SmallInteger, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "policy_id", name="reserve_policy_pkey"),
    Index("reserve_policy_in_force", "network_id", "currency", "partner_id", "policy_id"),
    info=TENANT,
)

reserve = Table(
    "reserve",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("reserve_id", Uuid, nullable=False),
    Column("policy_id", Uuid, nullable=False),
    Column("cycle_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("withheld_at", DateTime(timezone=True), nullable=False),
    Column("release_at", DateTime(timezone=True), nullable=False),
    Column("withheld_by_journal", Uuid, nullable=False),
    Column("released_at", DateTime(timezone=True)),
    Column("released_by_journal", Uuid),
    PrimaryKeyConstraint("network_id", "reserve_id", name="reserve_pkey"),
    ForeignKeyConstraint(
        ["network_id", "policy_id"],
        [reserve_policy.c.network_id, reserve_policy.c.policy_id],
        name="reserve_policy_fkey",
    ),
    UniqueConstraint("network_id", "cycle_id", "partner_id", "currency", name="reserve_cycle_key"),
    Index("reserve_by_partner", "network_id", "partner_id", "withheld_at", "reserve_id"),
    Index("reserve_by_time", "network_id", "withheld_at", "reserve_id"),
    info=TENANT,
)
