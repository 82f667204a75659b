"""The ledger's tables. Only the posting functions write journals, postings, balances and holds."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import UserDefinedType

metadata = MetaData(schema="payouts")
LEDGER = {"class": "ledger"}
REFERENCE = {"class": "reference"}
_IS_REVERSAL = text("reverses IS NOT NULL")
_HAS_END = text("remaining > 0 AND expires_at IS NOT NULL")


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id; only a hint for finding unsealed rows."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Name the type as PostgreSQL does."""
        return "xid8"


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


unit = Table(
    "unit",
    metadata,
    Column("unit", String(16), primary_key=True),
    Column("exponent", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    UniqueConstraint("unit", "kind", name="unit_kind_key"),
    info=REFERENCE,
)

account_type = Table(
    "account_type",
    metadata,
    Column("type", Text, primary_key=True),
    Column("gl_code", Text, nullable=False),
    Column("class", Text, nullable=False),
    Column("normal", SmallInteger, nullable=False),
    Column("floor", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("owner_kind", Text, nullable=False),
    Column("has_lots", Boolean, nullable=False, server_default=text("false")),
    Column("unit_kinds", ARRAY(Text), nullable=False, server_default=text("'{currency}'")),
    info=REFERENCE,
)

book = Table(
    "book",
    metadata,
    Column("book_id", BigInteger, primary_key=True, autoincrement=False),
    Column("network_id", BigInteger, nullable=False),
    Column("zone", Text, nullable=False),
    _instant("created_at"),
    info={"class": "platform"},
)

period = Table(
    "period",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("period", Date, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'open'")),
    _instant("closed_at", nullable=True),
    Column("closed_by", Text),
    Column("proposed_by", Text),
    _instant("proposed_at", nullable=True),
    PrimaryKeyConstraint("book_id", "period", name="period_pkey"),
    info=LEDGER,
)

account = Table(
    "account",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("type", Text, ForeignKey(account_type.c.type, name="account_type_fkey"), nullable=False),
    Column("unit", String(16), nullable=False),
    Column("owner_kind", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("sub", Text, nullable=False, server_default=text("''")),
    Column("status", Text, nullable=False, server_default=text("'open'")),
    _instant("created_at"),
    _count("floor_limit"),
    Column("unit_kind", Text, nullable=False, server_default=text("'currency'")),
    PrimaryKeyConstraint("book_id", "account_id", name="account_pkey"),
    ForeignKeyConstraint(
        ["unit", "unit_kind"], [unit.c.unit, unit.c.kind], name="account_unit_kind_fkey"
    ),
    UniqueConstraint(
        "book_id", "type", "unit", "owner_kind", "owner_id", "sub", name="account_owner_key"
    ),
    Index("account_by_owner", "book_id", "owner_kind", "owner_id"),
    info=LEDGER,
)


def _of_account(table: str) -> ForeignKeyConstraint:
    columns = [account.c.book_id, account.c.account_id]
    return ForeignKeyConstraint(["book_id", "account_id"], columns, name=f"{table}_account_fkey")


floor_limit = Table(
    "floor_limit",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("unit", String(16), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("agreed_by", Text, nullable=False),
    _instant("agreed_at"),
    PrimaryKeyConstraint("book_id", "account_id", "number", name="floor_limit_pkey"),
    _of_account("floor_limit"),
    info=LEDGER,
)

journal = Table(
    "journal",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("journal_id", Uuid, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("ledger_key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    _instant("effective_at"),
    _instant("recorded_at"),
    Column("period", Date, nullable=False),
    Column("origin_period", Date),
    Column("cause_kind", Text, nullable=False),
    Column("cause_id", Text, nullable=False),
    Column("reverses", Uuid),
    Column("actor", Text, nullable=False),
    Column("note", JSONB, nullable=False, server_default=text("'{}'")),
    Column("lines", SmallInteger, nullable=False),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    PrimaryKeyConstraint("book_id", "journal_id", name="journal_pkey"),
    Index("journal_by_cause", "book_id", "cause_kind", "cause_id"),
    Index("journal_by_xid", "book_id", "xid"),
    Index("journal_by_effect", "book_id", "effective_at"),
    Index("journal_by_reversal", "book_id", "reverses", postgresql_where=_IS_REVERSAL),
    postgresql_partition_by="RANGE (journal_id)",
    info=LEDGER,
)

journal_key = Table(
    "journal_key",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("ledger_key", Text, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("journal_id", Uuid, nullable=False),
    PrimaryKeyConstraint("book_id", "ledger_key", name="journal_key_pkey"),
    info=LEDGER,
)

posting = Table(
    "posting",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("journal_id", Uuid, nullable=False),
    Column("line", SmallInteger, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("unit", String(16), nullable=False),
    Column("amount", BigInteger, nullable=False),
    _instant("effective_at"),
    _instant("recorded_at"),
    PrimaryKeyConstraint("book_id", "journal_id", "line", name="posting_pkey"),
    Index(
        "posting_by_account",
        "book_id",
        "account_id",
        "effective_at",
        postgresql_include=["recorded_at", "journal_id", "amount"],
    ),
    postgresql_partition_by="RANGE (journal_id)",
    info=LEDGER,
)

balance = Table(
    "balance",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    _count("debit"),
    _count("credit"),
    _count("held"),
    _count("version"),
    PrimaryKeyConstraint("book_id", "account_id", name="balance_pkey"),
    _of_account("balance"),
    info=LEDGER,
)

hold = Table(
    "hold",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("hold_id", Uuid, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("unit", String(16), nullable=False),
    Column("amount", BigInteger, nullable=False),
    _count("captured"),
    _count("released"),
    Column("ledger_key", Text, nullable=False),
    Column("cause_kind", Text, nullable=False),
    Column("cause_id", Text, nullable=False),
    _instant("placed_at"),
    _instant("expires_at", nullable=True),
    PrimaryKeyConstraint("book_id", "hold_id", name="hold_pkey"),
    UniqueConstraint("book_id", "ledger_key", name="hold_key"),
    _of_account("hold"),
    Index(
        "hold_open",
        "book_id",
        "account_id",
        postgresql_where=text("captured + released < amount"),
    ),
    info=LEDGER,
)

hold_resolution = Table(
    "hold_resolution",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("resolution_id", Uuid, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("hold_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("ledger_key", Text, nullable=False),
    _instant("resolved_at"),
    PrimaryKeyConstraint("book_id", "resolution_id", name="hold_resolution_pkey"),
    UniqueConstraint("book_id", "ledger_key", name="hold_resolution_key"),
    ForeignKeyConstraint(
        ["book_id", "hold_id"],
        [hold.c.book_id, hold.c.hold_id],
        name="hold_resolution_hold_fkey",
    ),
    Index("hold_resolution_by_hold", "book_id", "hold_id"),
    info=LEDGER,
)

sealer = Table(
    "sealer",
    metadata,
    Column("book_id", BigInteger, primary_key=True, autoincrement=False),
    Column("network_id", BigInteger, nullable=False),
    _count("seq"),
    _count("cluster"),
    Column("hint", Xid8, nullable=False, server_default=text("'0'")),
    _count("folded_seq"),
    info=LEDGER,
)

balance_snapshot = Table(
    "balance_snapshot",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("debit", Numeric(38, 0), nullable=False),
    Column("credit", Numeric(38, 0), nullable=False),
    PrimaryKeyConstraint("book_id", "account_id", name="balance_snapshot_pkey"),
    _of_account("balance_snapshot"),
    info=LEDGER,
)

seal = Table(
    "seal",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("journal_id", Uuid, nullable=False),
    _instant("sealed_at"),
    PrimaryKeyConstraint("book_id", "seq", name="seal_pkey"),
    UniqueConstraint("book_id", "journal_id", name="seal_journal_key"),
    info=LEDGER,
)

lot = Table(
    "lot",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("lot_id", Uuid, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("unit", String(16), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("remaining", BigInteger, nullable=False),
    Column("origin_kind", Text, nullable=False),
    Column("origin_id", Text, nullable=False),
    Column("funder", Text, nullable=False),
    _instant("earned_at"),
    _instant("expires_at", nullable=True),
    Column("lapses_to", Text, nullable=False),
    Column("journal_id", Uuid),
    Column("line", SmallInteger),
    Column("from_lot_id", Uuid),
    PrimaryKeyConstraint("book_id", "lot_id", name="lot_pkey"),
    Index(
        "lot_open",
        "book_id",
        "account_id",
        "expires_at",
        "earned_at",
        "lot_id",
        postgresql_where=text("remaining > 0"),
    ),
    Index("lot_ending", "book_id", "expires_at", "lot_id", postgresql_where=_HAS_END),
    Index("lot_by_origin", "book_id", "origin_kind", "origin_id"),
    Index("lot_by_journal", "book_id", "journal_id"),
    info=LEDGER,
)

lot_use = Table(
    "lot_use",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("journal_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("lot_id", Uuid, nullable=False),
    Column("line", SmallInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("restores", Uuid),
    PrimaryKeyConstraint("book_id", "journal_id", "number", name="lot_use_pkey"),
    ForeignKeyConstraint(
        ["book_id", "lot_id"], [lot.c.book_id, lot.c.lot_id], name="lot_use_lot_fkey"
    ),
    ForeignKeyConstraint(
        ["book_id", "journal_id"],
        [journal.c.book_id, journal.c.journal_id],
        name="lot_use_journal_fkey",
    ),
    Index("lot_use_by_lot", "book_id", "lot_id"),
    info=LEDGER,
)

journal_reversal = Table(
    "journal_reversal",
    metadata,
    Column("book_id", BigInteger, nullable=False),
    Column("journal_id", Uuid, nullable=False),
    Column("unit", String(16), nullable=False),
    Column("network_id", BigInteger, nullable=False),
    Column("posted", Numeric(38, 0), nullable=False),
    Column("reversed", Numeric(38, 0), nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("book_id", "journal_id", "unit", name="journal_reversal_pkey"),
    ForeignKeyConstraint(
        ["book_id", "journal_id"],
        [journal.c.book_id, journal.c.journal_id],
        name="journal_reversal_journal_fkey",
    ),
    info=LEDGER,
)
