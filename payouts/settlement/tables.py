"""The tables of settlement cycles, their calendars, statements and policies."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

metadata = MetaData(schema="payouts")
TENANT = {"class": "tenant"}


def _minor(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


settlement_cycle = Table(
    "settlement_cycle",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("cycle_id", Uuid, nullable=False),
    _minor("number"),
    _minor("from_seq"),
    _minor("to_seq"),
    Column("state", Text, nullable=False),
    Column("result_hash", Text, nullable=False),
    Column("closed_by", Text, nullable=False),
    _instant("closed_at"),
    Column("approved_by", Text),
    _instant("approved_at", nullable=True),
    _instant("settled_at", nullable=True),
    Column("currency", String(16)),
    _instant("cut_at"),
    Column("before_seq", BigInteger),
    _instant("before_at", nullable=True),
    Column("version", Integer, nullable=False),
    _instant("review_ends_at"),
    Column("value_on", Date),
    PrimaryKeyConstraint("network_id", "cycle_id", name="settlement_cycle_pkey"),
    UniqueConstraint("network_id", "number", name="settlement_cycle_number_key"),
    Index(
        "settlement_cycle_cut_key",
        "network_id",
        "currency",
        "cut_at",
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=text("state <> 'abandoned'"),
    ),
    info=TENANT,
)

statement = Table(
    "statement",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("statement_id", Uuid, nullable=False),
    Column("cycle_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    _minor("number"),
    Column("currency", String(16), nullable=False),
    _minor("from_seq"),
    _minor("to_seq"),
    _minor("opening_receivable"),
    _minor("opening_payable"),
    _minor("receivable"),
    _minor("payable"),
    _minor("lines_count"),
    Column("outcome", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("state", Text, nullable=False),
    _instant("issued_at"),
    _instant("cut_at", nullable=True),
    Column("before_seq", BigInteger),
    _instant("before_at", nullable=True),
    Column("block", BigInteger),
    _minor("settled_receivable"),
    _minor("settled_payable"),
    Column("version", Integer, nullable=False),
    _minor("remainder"),
    Column("fx_rate_id", Uuid),
    Column("converted_amount", BigInteger),
    Column("converted_currency", String(16)),
    Column("carried_because", Text),
    PrimaryKeyConstraint("network_id", "statement_id", name="statement_pkey"),
    ForeignKeyConstraint(
        ["network_id", "cycle_id"],
        [settlement_cycle.c.network_id, settlement_cycle.c.cycle_id],
        name="statement_cycle_fkey",
    ),
    UniqueConstraint("network_id", "number", "version", name="statement_number_key"),
    UniqueConstraint(
        "network_id",
        "cycle_id",
        "partner_id",
        "currency",
        "version",
        name="statement_partner_key",
    ),
    Index("statement_by_partner", "network_id", "partner_id", "issued_at"),
    Index("statement_by_issue", "network_id", "issued_at", "statement_id"),
    info=TENANT,
)

payout_policy = Table(
    "payout_policy",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("policy_id", Uuid, nullable=False),
    Column("currency", String(16), nullable=False),
    _minor("approval_above"),
    _minor("minimum"),
    Column("first_payout_cap", BigInteger),
    Column("published_by", Text, nullable=False),
    _instant("published_at"),
    PrimaryKeyConstraint("network_id", "policy_id", name="payout_policy_pkey"),
    Index("payout_policy_by_currency", "network_id", "currency", "policy_id"),
    info=TENANT,
)

settlement_calendar = Table(
    "settlement_calendar",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("calendar_id", Uuid, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("every", Text, nullable=False),
    Column("week_start", SmallInteger, nullable=False),
    Column("cut_minute", SmallInteger, nullable=False),
    Column("review_days", SmallInteger, nullable=False),
    Column("value_days", SmallInteger, nullable=False),
    Column("weekend", ARRAY(SmallInteger), nullable=False),
    Column("holidays", ARRAY(Date), nullable=False),
    Column("published_by", Text, nullable=False),
    _instant("published_at"),
    PrimaryKeyConstraint("network_id", "calendar_id", name="settlement_calendar_pkey"),
    Index("settlement_calendar_by_currency", "network_id", "currency", "calendar_id"),
    info=TENANT,
)

settlement_conversion = Table(
    "settlement_conversion",
    metadata,
    Column("network_id", BigInteger, nullable=False),
    Column("policy_id", Uuid, nullable=False),
    Column("partner_id", Uuid, nullable=False),
    Column("currency", String(16), nullable=False),
    Column("into_currency", String(16)),
    Column("published_by", Text, nullable=False),
    _instant("published_at"),
    PrimaryKeyConstraint("network_id", "policy_id", name="settlement_conversion_pkey"),
    Index("settlement_conversion_in_force", "network_id", "currency", "partner_id", "policy_id"),
    Index("settlement_conversion_by_partner", "network_id", "partner_id", "published_at"),
    info=TENANT,
)
