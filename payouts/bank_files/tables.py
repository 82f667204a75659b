"""The tables of bank files, their lines, and the accounts that they debit."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
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


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


debit_account = Table(
    "debit_account",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("debit_account_id", Uuid, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("is_iban", Boolean, nullable=False),
    Column("bic", Text),
    Column("published_by", Text, nullable=False),
    _instant("published_at"),
    PrimaryKeyConstraint("network_id", "debit_account_id", name="debit_account_pkey"),
    Index("debit_account_by_currency", "network_id", "currency", "debit_account_id"),
    info=TENANT,
)

bank_file = Table(
    "bank_file",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("bank_file_id", Uuid, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("state", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("lines_count", Integer, nullable=False),
    Column("debit_account_id", Uuid),
    Column("content_hash", Text),
    _instant("opened_at"),
    Column("created_by", Text),
    _instant("created_at", nullable=True),
    Column("released_by", Text),
    _instant("released_at", nullable=True),
    PrimaryKeyConstraint("network_id", "bank_file_id", name="bank_file_pkey"),
    ForeignKeyConstraint(
        ["network_id", "debit_account_id"],
        [debit_account.c.network_id, debit_account.c.debit_account_id],
        name="bank_file_debit_account_fkey",
    ),
    Index(
        "bank_file_open",
        "network_id",
        "currency",
        unique=True,
        postgresql_where=text("state = 'open'"),
    ),
    info=TENANT,
)

bank_file_line = Table(
    "bank_file_line",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("bank_file_id", Uuid, nullable=False),
    Column("attempt_id", Uuid, nullable=False),
    Column("payout_id", Uuid, nullable=False),
    Column("bank_account_id", Uuid, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("unpaid_by", Text),
    _instant("unpaid_at", nullable=True),
    Column("returned_by", Text),
    _instant("returned_at", nullable=True),
    PrimaryKeyConstraint("network_id", "bank_file_id", "attempt_id", name="bank_file_line_pkey"),
    UniqueConstraint("network_id", "attempt_id", name="bank_file_line_attempt_key"),
    Index("bank_file_line_by_payout", "network_id", "payout_id"),
    ForeignKeyConstraint(
        ["network_id", "bank_file_id"],
        [bank_file.c.network_id, bank_file.c.bank_file_id],
        name="bank_file_line_file_fkey",
    ),
    info=TENANT,
)
