"""Halts. The table is of class platform: no money, no codes, no personal data."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)

metadata = MetaData(schema="payouts")

halt = Table(
    "halt",
    metadata,
    Column("halt_id", Uuid, primary_key=True),
    Column("network_id", BigInteger, nullable=False),
    Column("invariant", Text, nullable=False),
    Column("breaches", BigInteger, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("lifted_at", DateTime(timezone=True)),
    Column("lifted_by", Text),
    Column("reason", Text),
    Index(
        "halt_open",
        "network_id",
        "invariant",
        unique=True,
        postgresql_where=text("lifted_at IS NULL"),
    ),
    info={"class": "platform"},
)
