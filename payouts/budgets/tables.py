"""The budgets' table. What is spent and left of a budget stands in the ledger alone."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Uuid,
)

metadata = MetaData(schema="payouts")

budget = Table(
    "budget",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("budget_id", Uuid, nullable=False),
    Column("unit", String(16), nullable=False),
    Column("cap", BigInteger, nullable=False),
    Column("slices", SmallInteger, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "budget_id", name="budget_pkey"),
    info={"class": "tenant"},
)
