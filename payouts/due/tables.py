"""The list of due work. It is of class platform: no money, no codes, no personal data."""

from sqlalchemy import BigInteger, Column, DateTime, Index, MetaData, Table, Text, Uuid

metadata = MetaData(schema="payouts")

due = Table(
    "due",
    metadata,
    Column("network_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("due_id", Uuid, primary_key=True),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Index("due_by_time", "due_at"),
    info={"class": "platform"},
)
