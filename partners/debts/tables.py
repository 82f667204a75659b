"""What becomes of debts, as it was published; only ever added."""

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

metadata = MetaData(schema="partners")

debt_policy = Table(
    "debt_policy",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("policy_id", Uuid, nullable=False),
    Column("treatment", Text, nullable=False),
    Column("after_days", Integer),
    Column("published_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("network_id", "policy_id", name="debt_policy_pkey"),
    info={"class": "tenant"},
)
