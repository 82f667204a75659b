"""Settlement cycles of one currency that end at an instant and a place; calendars; versions."""

from alembic import op

from api.database.ground import grant, wall

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# A cycle of before has no currency: it settled all of them, and everything up to its place. Its
# instant is behind all of that, so that the next cut holds what it held.
_CYCLE = [
    "ALTER TABLE payouts.settlement_cycle ADD COLUMN currency varchar(16)",
    "ALTER TABLE payouts.settlement_cycle ADD COLUMN cut_at timestamptz",
    "ALTER TABLE payouts.settlement_cycle ADD COLUMN before_seq bigint",
    "ALTER TABLE payouts.settlement_cycle ADD COLUMN before_at timestamptz",
    "ALTER TABLE payouts.settlement_cycle ADD COLUMN version integer NOT NULL DEFAULT 1"
    " CONSTRAINT settlement_cycle_version CHECK (version > 0)",
    "ALTER TABLE payouts.settlement_cycle ADD COLUMN review_ends_at timestamptz",
    "ALTER TABLE payouts.settlement_cycle ADD COLUMN value_on date",
]
_WORDS = [
    "ALTER TABLE payouts.settlement_cycle DROP CONSTRAINT settlement_cycle_state",
    "ALTER TABLE payouts.settlement_cycle ADD CONSTRAINT settlement_cycle_state CHECK (state IN"
    " ('in_review', 'executing', 'partially_settled', 'settled', 'abandoned'))",
    "ALTER TABLE payouts.settlement_cycle DROP CONSTRAINT settlement_cycle_approval",
    "ALTER TABLE payouts.settlement_cycle ADD CONSTRAINT settlement_cycle_approval CHECK ("
    " (state IN ('in_review', 'abandoned')) = (approved_by IS NULL)"
    " AND (approved_by IS NULL) = (approved_at IS NULL)"
    " AND (state = 'settled') = (settled_at IS NOT NULL))",
]
_FILLED = [
    """
    UPDATE payouts.settlement_cycle c SET
      cut_at = greatest(c.closed_at, (SELECT max(j.effective_at) FROM payouts.journal j
        JOIN payouts.seal k ON k.book_id = j.book_id AND k.journal_id = j.journal_id
        WHERE j.book_id = c.network_id AND k.book_id = c.network_id AND k.seq <= c.to_seq))
        + interval '1 microsecond',
      before_seq = nullif(c.from_seq, 0),
      review_ends_at = c.closed_at
    """,
    # What was in review was hashed in another way: it is closed again, and nobody has lost anything.
    """
    UPDATE payouts.statement s SET state = 'void' FROM payouts.settlement_cycle c
      WHERE c.network_id = s.network_id AND c.cycle_id = s.cycle_id AND c.state = 'in_review'
    """,
    "UPDATE payouts.settlement_cycle SET state = 'abandoned' WHERE state = 'in_review'",
    """
    UPDATE payouts.settlement_cycle c SET before_at = b.cut_at
      FROM payouts.settlement_cycle b
      WHERE b.network_id = c.network_id AND b.to_seq = c.before_seq
    """,
]
_FIXED = [
    "ALTER TABLE payouts.settlement_cycle ALTER COLUMN cut_at SET NOT NULL",
    "ALTER TABLE payouts.settlement_cycle ALTER COLUMN review_ends_at SET NOT NULL",
    "ALTER TABLE payouts.settlement_cycle ALTER COLUMN version DROP DEFAULT",
    "ALTER TABLE payouts.settlement_cycle DROP CONSTRAINT settlement_cycle_from_key",
    "CREATE UNIQUE INDEX settlement_cycle_cut_key ON payouts.settlement_cycle"
    " (network_id, currency, cut_at) NULLS NOT DISTINCT WHERE state <> 'abandoned'",
    "ALTER TABLE payouts.settlement_cycle ADD CONSTRAINT settlement_cycle_before"
    " CHECK ((before_seq IS NULL) = (before_at IS NULL)"
    " AND before_seq <= to_seq AND before_at < cut_at)",
]

# What a statement of before opened with had been set off already, so nothing is told apart; it
# holds all that stands between its places, whenever that took effect, and has no cut.
_STATEMENT = [
    "ALTER TABLE payouts.statement ADD COLUMN cut_at timestamptz",
    "ALTER TABLE payouts.statement ADD COLUMN before_seq bigint",
    "ALTER TABLE payouts.statement ADD COLUMN before_at timestamptz",
    "ALTER TABLE payouts.statement ADD COLUMN block bigint",
    "ALTER TABLE payouts.statement ADD COLUMN settled_receivable bigint NOT NULL DEFAULT 0",
    "ALTER TABLE payouts.statement ADD COLUMN settled_payable bigint NOT NULL DEFAULT 0",
    "ALTER TABLE payouts.statement ADD COLUMN version integer NOT NULL DEFAULT 1"
    " CONSTRAINT statement_version CHECK (version > 0)",
    "ALTER TABLE payouts.statement ALTER COLUMN settled_receivable DROP DEFAULT",
    "ALTER TABLE payouts.statement ALTER COLUMN settled_payable DROP DEFAULT",
    "ALTER TABLE payouts.statement ALTER COLUMN version DROP DEFAULT",
    "ALTER TABLE payouts.statement DROP CONSTRAINT statement_number_key",
    "ALTER TABLE payouts.statement ADD CONSTRAINT statement_number_key"
    " UNIQUE (network_id, number, version)",
    "ALTER TABLE payouts.statement DROP CONSTRAINT statement_partner_key",
    "ALTER TABLE payouts.statement ADD CONSTRAINT statement_partner_key"
    " UNIQUE (network_id, cycle_id, partner_id, currency, version)",
    "ALTER TABLE payouts.statement DROP CONSTRAINT statement_state",
    "ALTER TABLE payouts.statement ADD CONSTRAINT statement_state"
    " CHECK (state IN ('issued', 'final', 'superseded', 'void'))",
]

_CALENDAR = [
    """
    CREATE TABLE payouts.settlement_calendar (
      network_id bigint NOT NULL,
      calendar_id uuid NOT NULL,
      currency varchar(16) NOT NULL,
      every text NOT NULL CONSTRAINT settlement_calendar_every
        CHECK (every IN ('day', 'week', 'month')),
      week_start smallint NOT NULL CONSTRAINT settlement_calendar_week_start
        CHECK (week_start BETWEEN 1 AND 7),
      cut_minute smallint NOT NULL CONSTRAINT settlement_calendar_cut
        CHECK (cut_minute BETWEEN 0 AND 1439),
      review_days smallint NOT NULL CONSTRAINT settlement_calendar_review
        CHECK (review_days BETWEEN 0 AND 90),
      value_days smallint NOT NULL CONSTRAINT settlement_calendar_value
        CHECK (value_days BETWEEN 0 AND 30),
      weekend smallint[] NOT NULL CONSTRAINT settlement_calendar_weekend
        CHECK (cardinality(weekend) <= 6 AND weekend <@ '{1,2,3,4,5,6,7}'::smallint[]),
      holidays date[] NOT NULL CONSTRAINT settlement_calendar_holidays
        CHECK (cardinality(holidays) <= 1000),
      published_by text NOT NULL CONSTRAINT settlement_calendar_publisher
        CHECK (length(published_by) <= 255),
      published_at timestamptz NOT NULL,
      CONSTRAINT settlement_calendar_pkey PRIMARY KEY (network_id, calendar_id)
    )
    """,
    "CREATE INDEX settlement_calendar_by_currency"
    " ON payouts.settlement_calendar (network_id, currency, calendar_id)",
]

_VIEWS = {
    "settlement_cycle": "SELECT c.network_id, c.cycle_id, c.number, c.from_seq, c.to_seq,"
    " c.state, c.result_hash, c.closed_by, c.closed_at, c.approved_by, c.approved_at,"
    " c.settled_at, c.currency, c.cut_at, c.before_seq, c.before_at, c.version,"
    " c.review_ends_at, c.value_on FROM payouts.settlement_cycle c",
    "statement": "SELECT s.network_id, s.statement_id, s.cycle_id, s.partner_id, s.number,"
    " s.currency, s.from_seq, s.to_seq, s.opening_receivable, s.opening_payable, s.receivable,"
    " s.payable, s.opening_receivable + s.settled_receivable + s.receivable"
    " - s.opening_payable - s.settled_payable - s.payable AS net,"
    " s.lines_count, s.outcome, s.content_hash, s.state, s.issued_at, s.settled_receivable,"
    " s.settled_payable, s.version, s.cut_at, s.before_seq, s.before_at,"
    " s.block FROM payouts.statement s",
    # A statement of before, which has no cut, left out what settled.
    "statement_line": "SELECT s.network_id, s.statement_id, s.cycle_id, s.partner_id, k.seq,"
    " p.journal_id, p.line, j.kind, j.cause_kind, j.cause_id, a.type AS account_type, p.unit,"
    " p.amount, p.effective_at,"
    " coalesce(j.effective_at < s.before_at, false) AS is_late FROM payouts.posting p"
    " JOIN payouts.account a ON a.book_id = p.book_id AND a.account_id = p.account_id"
    " AND a.type IN ('partner_recv', 'partner_payable')"
    " JOIN payouts.journal j ON j.book_id = p.book_id AND j.journal_id = p.journal_id"
    " JOIN payouts.seal k ON k.book_id = p.book_id AND k.journal_id = p.journal_id"
    " JOIN payouts.statement s ON s.network_id = p.network_id"
    " AND s.partner_id::text = a.owner_id AND s.currency = p.unit"
    " AND k.seq > s.from_seq AND k.seq <= s.to_seq"
    " AND (j.effective_at < s.cut_at) IS NOT FALSE"
    " AND (k.seq <= s.before_seq AND j.effective_at < s.before_at) IS NOT TRUE"
    " AND (j.kind <> 'settlement.net' OR s.cut_at IS NOT NULL)"
    " WHERE s.state IN ('issued', 'final')",
    "settlement_calendar": "SELECT c.network_id, c.calendar_id, c.currency, c.every,"
    " c.week_start, c.cut_minute, c.review_days, c.value_days, c.weekend, c.holidays,"
    " c.published_by, c.published_at FROM payouts.settlement_calendar c",
}


def upgrade() -> None:
    """Give cycles their cuts and statements their versions, and make the table of calendars."""
    for statement in _CYCLE + _WORDS + _STATEMENT + _CALENDAR:
        op.execute(statement)
    # The owner stands before the walls like everybody; only this role sees all networks' rows.
    op.execute("SET LOCAL ROLE mizan_migrator")
    for statement in _FILLED:
        op.execute(statement)
    op.execute("SET LOCAL ROLE mizan_owner")
    for statement in _FIXED:
        op.execute(statement)
    for statement in wall("payouts.settlement_calendar", owners=()):
        op.execute(statement)
    op.execute(grant("payouts.settlement_calendar", "SELECT, INSERT"))
    op.execute(grant("payouts.settlement_calendar", "SELECT", "mizan_audit"))
    op.execute(grant("payouts.settlement_cycle", "UPDATE (to_seq, version, result_hash)"))
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in _VIEWS.items():
        op.execute(f"CREATE OR REPLACE VIEW audit.{name} AS {body}")
    op.execute("GRANT SELECT ON audit.settlement_calendar TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
