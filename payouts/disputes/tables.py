"""The table of disputes."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    text,
)

metadata = MetaData(schema="payouts")
TENANT = {"class": "tenant"}

dispute = Table(
    "dispute",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("dispute_id", Uuid, nullable=False),
    Column("statement_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("journal_id", Uuid, nullable=False),
    Column("line", SmallInteger, nullable=False),
    Column("account_type", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("accepted", BigInteger),
    Column("remark", Text),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("network_id", "dispute_id", name="dispute_pkey"),
    Index(
        "dispute_line_key",
        "network_id",
        "journal_id",
        "line",
        unique=True,
        postgresql_where=text("state <> 'withdrawn'"),
    ),
    Index("dispute_by_statement", "network_id", "statement_id"),
    Index("dispute_by_opening", "network_id", "opened_at", "dispute_id"),
    info=TENANT,
)
