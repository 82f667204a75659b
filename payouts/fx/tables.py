"""Exchange rates as they were published; only ever added."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    Uuid,
)

metadata = MetaData(schema="payouts")

fx_rate = Table(
    "fx_rate",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("fx_rate_id", Uuid, nullable=False),
    Column("base", String(16), nullable=False),
    Column("quote", String(16), nullable=False),
    Column("value", Numeric(20, 10), nullable=False),
    Column("source", Text, nullable=False),
    Column("observed_at", DateTime(timezone=True), nullable=False),
    Column("max_age_seconds", Integer, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "fx_rate_id", name="fx_rate_pkey"),
    Index("fx_rate_by_pair", "network_id", "quote", "base", "observed_at", "fx_rate_id"),
    info={"class": "tenant"},
)
