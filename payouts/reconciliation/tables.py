"""Outside lines and how they stand to the ledger.

The cursor and the unplaced transactions are of class platform: they tell which transactions of
the one provider account were seen, never how much they moved.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

metadata = MetaData(schema="payouts")
TENANT = {"class": "tenant"}
PLATFORM = {"class": "platform"}


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


provider_cursor = Table(
    "provider_cursor",
    metadata,
    Column("provider", Text, nullable=False),
    _instant("read_to_at"),
    _instant("changed_at"),
    PrimaryKeyConstraint("provider", name="provider_cursor_pkey"),
    info=PLATFORM,
)

unplaced_transaction = Table(
    "unplaced_transaction",
    metadata,
    Column("provider", Text, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("source_id", Text),
    Column("network_id", BigInteger),
    _instant("occurred_at"),
    _instant("noticed_at"),
    PrimaryKeyConstraint("provider", "transaction_id", name="unplaced_transaction_pkey"),
    info=PLATFORM,
)

provider_transaction = Table(
    "provider_transaction",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("provider_transaction_id", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("transaction_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("source_id", Text),
    Column("order_id", Uuid),
    Column("amount", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("journal_id", Uuid),
    _instant("occurred_at"),
    _instant("recorded_at"),
    PrimaryKeyConstraint("network_id", "provider_transaction_id", name="provider_transaction_pkey"),
    UniqueConstraint("network_id", "provider", "transaction_id", name="provider_transaction_key"),
    Index("provider_transaction_by_source", "network_id", "source_id"),
    Index("provider_transaction_by_order", "network_id", "order_id"),
    info=TENANT,
)

bank_statement = Table(
    "bank_statement",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("bank_statement_id", Uuid, nullable=False),
    Column("account", Text, nullable=False),
    Column("statement_ref", Text, nullable=False),
    Column("sequence", BigInteger),
    Column("currency", String(16), nullable=False),
    Column("opening", BigInteger, nullable=False),
    Column("closing", BigInteger, nullable=False),
    Column("entries_count", Integer, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("imported_by", Text, nullable=False),
    _instant("imported_at"),
    PrimaryKeyConstraint("network_id", "bank_statement_id", name="bank_statement_pkey"),
    UniqueConstraint("network_id", "account", "statement_ref", name="bank_statement_ref_key"),
    Index("bank_statement_by_day", "network_id", "account", "to_on", "bank_statement_id"),
    info=TENANT,
)

bank_entry = Table(
    "bank_entry",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("bank_entry_id", Uuid, nullable=False),
    Column("bank_statement_id", Uuid, nullable=False),
    Column("line", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("value_on", Date),
    Column("bank_reference", Text),
    Column("end_to_end_id", Text),
    Column("remittance", Text, nullable=False),
    Column("provider_transaction_id", Uuid),
    Column("journal_id", Uuid),
    Column("attempt_id", Uuid),
    PrimaryKeyConstraint("network_id", "bank_entry_id", name="bank_entry_pkey"),
    UniqueConstraint("network_id", "bank_statement_id", "line", name="bank_entry_line_key"),
    UniqueConstraint("network_id", "provider_transaction_id", name="bank_entry_match_key"),
    ForeignKeyConstraint(
        ["network_id", "bank_statement_id"],
        [bank_statement.c.network_id, bank_statement.c.bank_statement_id],
        name="bank_entry_statement_fkey",
    ),
    ForeignKeyConstraint(
        ["network_id", "provider_transaction_id"],
        [provider_transaction.c.network_id, provider_transaction.c.provider_transaction_id],
        name="bank_entry_transaction_fkey",
    ),
    # A payout of a bank file leaves once and comes back once.
    Index(
        "bank_entry_paid_key",
        "network_id",
        "attempt_id",
        unique=True,
        postgresql_where=text("amount < 0"),
    ),
    Index(
        "bank_entry_returned_key",
        "network_id",
        "attempt_id",
        unique=True,
        postgresql_where=text("amount > 0"),
    ),
    Index("bank_entry_by_reference", "network_id", "account", "bank_reference"),
    info=TENANT,
)

reconciliation_item = Table(
    "reconciliation_item",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("item_id", Uuid, nullable=False),
    Column("leg", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("reference", Text, nullable=False),
    Column("provider_transaction_id", Uuid),
    Column("bank_entry_id", Uuid),
    Column("bank_statement_id", Uuid),
    Column("amount", BigInteger, nullable=False),
    Column("open_amount", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    _instant("occurred_at"),
    _instant("noticed_at"),
    Column("resolution", Text),
    Column("owner_id", Uuid),
    Column("remark", Text),
    Column("proposed_by", Text),
    _instant("proposed_at", nullable=True),
    Column("approved_by", Text),
    _instant("resolved_at", nullable=True),
    Column("journal_id", Uuid),
    PrimaryKeyConstraint("network_id", "item_id", name="reconciliation_item_pkey"),
    UniqueConstraint(
        "network_id", "provider_transaction_id", name="reconciliation_item_transaction_key"
    ),
    UniqueConstraint("network_id", "bank_entry_id", name="reconciliation_item_entry_key"),
    UniqueConstraint("network_id", "bank_statement_id", name="reconciliation_item_statement_key"),
    ForeignKeyConstraint(
        ["network_id", "bank_statement_id"],
        [bank_statement.c.network_id, bank_statement.c.bank_statement_id],
        name="reconciliation_item_statement_fkey",
    ),
    ForeignKeyConstraint(
        ["network_id", "bank_entry_id"],
        [bank_entry.c.network_id, bank_entry.c.bank_entry_id],
        name="reconciliation_item_entry_fkey",
    ),
    ForeignKeyConstraint(
        ["network_id", "provider_transaction_id"],
        [provider_transaction.c.network_id, provider_transaction.c.provider_transaction_id],
        name="reconciliation_item_transaction_fkey",
    ),
    Index("reconciliation_item_by_time", "network_id", "occurred_at", "item_id"),
    Index(
        "reconciliation_item_open",
        "network_id",
        "occurred_at",
        postgresql_where=text("resolved_at IS NULL"),
    ),
    info=TENANT,
)
