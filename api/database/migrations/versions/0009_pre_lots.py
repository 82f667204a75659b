"""Many journals at once, and lots of member value."""

from alembic import op
from sqlalchemy import text

from api.database.ground import grant, wall
from api.database.migrations.audit_views import LEDGER_VIEWS
from api.database.migrations.posting_function import FUNCTIONS

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = [
    """
    CREATE TABLE payouts.lot (
      book_id bigint NOT NULL,
      lot_id uuid NOT NULL,
      network_id bigint NOT NULL,
      account_id uuid NOT NULL,
      unit varchar(16) NOT NULL,
      amount bigint NOT NULL CONSTRAINT lot_amount CHECK (amount > 0),
      remaining bigint NOT NULL
        CONSTRAINT lot_remaining CHECK (remaining >= 0 AND remaining <= amount),
      origin_kind text NOT NULL,
      origin_id text NOT NULL,
      funder text NOT NULL
        CONSTRAINT lot_funder CHECK (funder = 'network' OR funder ~ '^partner:[0-9a-f-]{36}$'),
      earned_at timestamptz NOT NULL,
      expires_at timestamptz,
      lapses_to text NOT NULL
        CONSTRAINT lot_lapses_to CHECK (lapses_to IN ('network', 'funder')),
      journal_id uuid,
      line smallint,
      from_lot_id uuid,
      CONSTRAINT lot_pkey PRIMARY KEY (book_id, lot_id),
      CONSTRAINT lot_granted_by CHECK (num_nulls(journal_id, line) =
        CASE WHEN origin_kind = 'opening' AND from_lot_id IS NULL THEN 2 ELSE 0 END)
    ) WITH (fillfactor = 80)
    """,
    "CREATE INDEX lot_open ON payouts.lot (book_id, account_id, expires_at, earned_at, lot_id)"
    " WHERE remaining > 0",
    "CREATE INDEX lot_ending ON payouts.lot (book_id, expires_at, lot_id)"
    " WHERE remaining > 0 AND expires_at IS NOT NULL",
    "CREATE INDEX lot_by_origin ON payouts.lot (book_id, origin_kind, origin_id)",
    "CREATE INDEX lot_by_journal ON payouts.lot (book_id, journal_id)",
    """
    CREATE TABLE payouts.lot_use (
      book_id bigint NOT NULL,
      journal_id uuid NOT NULL,
      number integer NOT NULL,
      network_id bigint NOT NULL,
      lot_id uuid NOT NULL,
      line smallint NOT NULL,
      amount bigint NOT NULL CONSTRAINT lot_use_amount CHECK (amount <> 0),
      restores uuid,
      CONSTRAINT lot_use_pkey PRIMARY KEY (book_id, journal_id, number),
      CONSTRAINT lot_use_given_back CHECK ((amount > 0) = (restores IS NOT NULL))
    )
    """,
    "CREATE INDEX lot_use_by_lot ON payouts.lot_use (book_id, lot_id)",
    """
    CREATE TABLE payouts.journal_reversal (
      book_id bigint NOT NULL,
      journal_id uuid NOT NULL,
      unit varchar(16) NOT NULL,
      network_id bigint NOT NULL,
      posted numeric(38, 0) NOT NULL,
      reversed numeric(38, 0) NOT NULL DEFAULT 0,
      CONSTRAINT journal_reversal_pkey PRIMARY KEY (book_id, journal_id, unit),
      CONSTRAINT journal_reversal_bound CHECK (reversed >= 0 AND reversed <= posted)
    )
    """,
]

# Checking a key locks the row it points at: every posting of a partner would lock its account, and
# together the checks cost a third of a journal. The one function that writes postings and lots has
# just read the account and written the journal, and nobody may delete either; the invariants
# journal_line_count and posting_unit_matches_account ask for parents instead.
_UNCHECKED = [
    "ALTER TABLE payouts.posting DROP CONSTRAINT posting_journal_fkey",
    "ALTER TABLE payouts.posting DROP CONSTRAINT posting_account_fkey",
]

_FOREIGN_KEYS = [
    "ALTER TABLE payouts.lot_use ADD CONSTRAINT lot_use_lot_fkey"
    " FOREIGN KEY (book_id, lot_id) REFERENCES payouts.lot (book_id, lot_id)",
    "ALTER TABLE payouts.lot_use ADD CONSTRAINT lot_use_journal_fkey"
    " FOREIGN KEY (book_id, journal_id) REFERENCES payouts.journal (book_id, journal_id)",
    "ALTER TABLE payouts.journal_reversal ADD CONSTRAINT journal_reversal_journal_fkey"
    " FOREIGN KEY (book_id, journal_id) REFERENCES payouts.journal (book_id, journal_id)",
]

# Opened before lots were kept: what an account has is one lot, which is used before all others.
_OPENING = """
    INSERT INTO payouts.lot (book_id, lot_id, network_id, account_id, unit, amount, remaining,
      origin_kind, origin_id, funder, earned_at, lapses_to)
    SELECT a.book_id, md5('opening lot of ' || a.account_id)::uuid, a.network_id, a.account_id,
      a.unit, b.credit - b.debit, b.credit - b.debit, 'opening', a.account_id::text, 'network',
      a.created_at, 'network'
    FROM payouts.account a
    JOIN payouts.account_type t ON t.type = a.type AND t.has_lots
    JOIN payouts.balance b ON b.book_id = a.book_id AND b.account_id = a.account_id
    WHERE b.credit <> b.debit
    """
_HAVE_VALUE = """
    SELECT count(*) FROM payouts.account a JOIN payouts.balance b
      ON b.book_id = a.book_id AND b.account_id = a.account_id
    WHERE a.type IN ('member_pending', 'member_available') AND b.credit <> b.debit
    """
_RECORDED = """
    UPDATE payouts.posting p SET recorded_at = j.recorded_at
    FROM payouts.journal j WHERE j.book_id = p.book_id AND j.journal_id = p.journal_id
    """

_VIEWS = {
    "lot": "SELECT l.book_id, l.network_id, l.lot_id, l.account_id, l.unit, l.amount,"
    " l.remaining, l.origin_kind, l.origin_id, l.funder, l.earned_at, l.expires_at, l.lapses_to,"
    " l.journal_id, l.line, l.from_lot_id FROM payouts.lot l",
    "lot_use": "SELECT u.book_id, u.network_id, u.journal_id, u.number, u.lot_id, u.line,"
    " u.amount, u.restores FROM payouts.lot_use u",
}


def upgrade() -> None:
    """Keep lots and reversals, note on postings when they were recorded, and post in batches."""
    for statement in _TABLES + _FOREIGN_KEYS + _UNCHECKED:
        op.execute(statement)
    for name in ("lot", "lot_use", "journal_reversal"):
        for statement in wall(f"payouts.{name}", key="book_id"):
            op.execute(statement)
        op.execute(grant(f"payouts.{name}", "SELECT"))
        op.execute(grant(f"payouts.{name}", "SELECT, INSERT", "mizan_ledger"))
        op.execute(grant(f"payouts.{name}", "SELECT", "mizan_audit"))
    op.execute(grant("payouts.lot", "UPDATE (remaining)", "mizan_ledger"))
    op.execute(grant("payouts.journal_reversal", "UPDATE (reversed)", "mizan_ledger"))
    _mark_accounts_with_lots()
    op.execute("ALTER TABLE payouts.posting ADD COLUMN recorded_at timestamptz")
    # The owner stands before the walls like everybody; only this role sees all networks' rows.
    op.execute("SET LOCAL ROLE mizan_migrator")
    _backfill()
    op.execute("SET LOCAL ROLE mizan_owner")
    op.execute("ALTER TABLE payouts.posting ALTER COLUMN recorded_at SET NOT NULL")
    op.execute("DROP INDEX payouts.posting_by_account")
    op.execute(
        "CREATE INDEX posting_by_account ON payouts.posting (book_id, account_id, effective_at)"
        " INCLUDE (recorded_at, journal_id, amount)"
    )
    _replace_posting()
    _show()


def _mark_accounts_with_lots() -> None:
    op.execute(
        "ALTER TABLE payouts.account_type ADD COLUMN has_lots boolean DEFAULT false NOT NULL"
    )
    op.execute(
        "UPDATE payouts.account_type SET has_lots = true"
        " WHERE type IN ('member_pending', 'member_available')"
    )
    op.execute(
        "ALTER TABLE payouts.account_type ADD CONSTRAINT account_type_has_lots"
        " CHECK (NOT has_lots OR (mode = 'sync' AND floor = 'nonneg' AND normal = -1))"
    )


def _backfill() -> None:
    db = op.get_bind()
    postings = db.execute(text("SELECT count(*) FROM payouts.posting")).scalar_one()
    noted = db.execute(text(_RECORDED)).rowcount
    if noted != postings:
        raise RuntimeError(f"{noted} of {postings} postings know when they were recorded")
    accounts = db.execute(text(_HAVE_VALUE)).scalar_one()
    opened = db.execute(text(_OPENING)).rowcount
    if opened != accounts:
        raise RuntimeError(f"{opened} of {accounts} accounts with value got their opening lot")


def _replace_posting() -> None:
    op.execute("GRANT CREATE ON SCHEMA payouts TO mizan_ledger")
    op.execute("SET LOCAL ROLE mizan_ledger")
    op.execute("DROP FUNCTION payouts.post_journal")
    for statement in FUNCTIONS:
        op.execute(statement)
    op.execute("SET LOCAL ROLE mizan_owner")
    op.execute("REVOKE CREATE ON SCHEMA payouts FROM mizan_ledger")


def _show() -> None:
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in _VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {body}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    op.execute(
        f"CREATE OR REPLACE VIEW audit.account AS {LEDGER_VIEWS['account'].replace(', a.created_at', ', a.created_at, t.has_lots')}"
    )
    op.execute("SET LOCAL ROLE mizan_owner")
