"""The inbox of webhooks. It is of class platform: an event is a hint and its content is not kept."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

metadata = MetaData(schema="payouts")

webhook_inbox = Table(
    "webhook_inbox",
    metadata,
    Column("provider", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("webhook_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("account_id", Text),
    Column("object_type", Text),
    Column("object_id", Text),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("processed_at", DateTime(timezone=True)),
    Column("attempts", SmallInteger, nullable=False),
    Column("outcome", Text),
    Column("network_id", BigInteger),
    PrimaryKeyConstraint("provider", "event_id", name="webhook_inbox_pkey"),
    UniqueConstraint("webhook_id", name="webhook_inbox_webhook_key"),
    Index(
        "webhook_inbox_by_account",
        "account_id",
        postgresql_where=text("account_id IS NOT NULL"),
    ),
    info={"class": "platform"},
)
