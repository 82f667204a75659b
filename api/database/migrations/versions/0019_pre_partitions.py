"""Journals and postings lie in a partition for each month, and keys in a table of their own.

What is there becomes the first partition as it is: no row of a journal or posting is written anew.
Only the keys are copied, for from the first moment on they are what makes a journal happen once.
"""

from datetime import UTC, date, datetime
from uuid import UUID

from alembic import op
from sqlalchemy import text

from api.database.ground import grant, wall
from api.database.migrations.partition_function import FUNCTIONS
from api.database.migrations.posting_function import POST_JOURNALS

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_MONTHS_AHEAD = 3
_YEAR_MAX = 9998  # in which Python's time ends, a month from here

# What points at journals, and the views upon both tables, would go on with the first partition.
_REFERRING = ("lot_use", "journal_reversal")
_VIEWS = """
    SELECT DISTINCT v.oid::regclass::text AS name, pg_get_viewdef(v.oid) AS body
    FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class
    WHERE d.classid = 'pg_rewrite'::regclass AND v.relkind = 'v'
      AND d.refobjid IN ('payouts.journal'::regclass, 'payouts.posting'::regclass)
    ORDER BY 1
    """

_KEYS = """
    CREATE TABLE payouts.journal_key (
      book_id bigint NOT NULL,
      ledger_key text NOT NULL,
      network_id bigint NOT NULL,
      journal_id uuid NOT NULL
    )
    """
_COPY_KEYS = """
    INSERT INTO payouts.journal_key (book_id, ledger_key, network_id, journal_id)
    SELECT j.book_id, j.ledger_key, j.network_id, j.journal_id FROM payouts.journal j
    """
_KEYS_KEY = (
    "ALTER TABLE payouts.journal_key ADD CONSTRAINT journal_key_pkey"
    " PRIMARY KEY (book_id, ledger_key)"
)

_KEY_VIEW = "SELECT k.book_id, k.network_id, k.ledger_key, k.journal_id FROM payouts.journal_key k"

_INDEXES = {
    "journal": {
        "journal_by_cause": "(book_id, cause_kind, cause_id)",
        "journal_by_xid": "(book_id, xid)",
        "journal_by_effect": "(book_id, effective_at)",
        "journal_by_reversal": "(book_id, reverses) WHERE reverses IS NOT NULL",
    },
    "posting": {
        "posting_by_account": "(book_id, account_id, effective_at)"
        " INCLUDE (recorded_at, journal_id, amount)",
    },
}
_PRIMARY_KEYS = {"journal": "(book_id, journal_id)", "posting": "(book_id, journal_id, line)"}


def upgrade() -> None:
    """Put the tables that are there, as first partitions, under tables of the same names."""
    db = op.get_bind()
    op.execute(
        "LOCK TABLE payouts.journal, payouts.posting, payouts.lot_use, payouts.journal_reversal"
        " IN ACCESS EXCLUSIVE MODE"
    )
    views = [(row.name, row.body) for row in db.execute(text(_VIEWS))]
    # The owner stands before the walls like everybody; only this role sees all networks' rows.
    op.execute("SET LOCAL ROLE mizan_migrator")
    last = db.execute(
        text('SELECT max(journal_id::text COLLATE "C") FROM payouts.journal')
    ).scalar_one()
    present = db.execute(text("SELECT now()")).scalar_one()
    op.execute("SET LOCAL ROLE mizan_owner")
    month = _month_after(max(present, _instant_of(UUID(last)) if last else present))
    for table in _REFERRING:
        op.execute(f"ALTER TABLE payouts.{table} DROP CONSTRAINT {table}_journal_fkey")
    _keep_keys()
    for table in ("journal", "posting"):
        _divide(table, "MAXVALUE" if month is None else f"'{_first_id_of(month)}'")
    for statement in FUNCTIONS:
        op.execute(statement)
    _refer()
    _make_ahead(_month_after(present))
    _replace_posting()
    _show(views)


def _instant_of(journal_id: UUID) -> datetime:
    """Tell when an id of version 7 was made; what is no time of ours is the end of all time."""
    try:
        return datetime.fromtimestamp((journal_id.int >> 80) / 1000, UTC)
    except (ValueError, OverflowError):
        return datetime.max.replace(tzinfo=UTC)


def _month_after(instant: datetime) -> date | None:
    own = instant.astimezone(UTC) if instant.year <= _YEAR_MAX else None
    return own and date(own.year + own.month // 12, own.month % 12 + 1, 1)


def _first_id_of(month: date) -> UUID:
    start = datetime(month.year, month.month, 1, tzinfo=UTC)
    return UUID(int=int(start.timestamp()) * 1000 << 80)


def _keep_keys() -> None:
    """Note all keys; the constraint that held them until now gives the table its name."""
    db = op.get_bind()
    op.execute("ALTER TABLE payouts.journal DROP CONSTRAINT journal_key")
    op.execute(_KEYS)
    for statement in wall("payouts.journal_key", key="book_id"):
        op.execute(statement)
    op.execute("SET LOCAL ROLE mizan_migrator")
    journals = db.execute(text("SELECT count(*) FROM payouts.journal")).scalar_one()
    copied = db.execute(text(_COPY_KEYS)).rowcount
    if copied != journals:
        raise RuntimeError(f"{copied} of {journals} journals have their key")
    op.execute("SET LOCAL ROLE mizan_owner")
    op.execute(_KEYS_KEY)
    for role in ("mizan_app", "mizan_ledger", "mizan_audit"):
        op.execute(grant("payouts.journal_key", "SELECT", role))
    op.execute(grant("payouts.journal_key", "INSERT", "mizan_ledger"))


def _divide(table: str, bound: str) -> None:
    """Make the table of before the first partition of a new one, which has its walls and names."""
    first = f"{table}_first"
    op.execute(f"ALTER TABLE payouts.{table} RENAME TO {first}")
    op.execute(f"ALTER TABLE payouts.{first} RENAME CONSTRAINT {table}_pkey TO {first}_pkey")
    for name in _INDEXES[table]:
        op.execute(f"ALTER INDEX payouts.{name} RENAME TO {name.replace(table, first, 1)}")
    for policy in ("network", "audit"):
        op.execute(f"DROP POLICY {table}_{policy} ON payouts.{first}")
    for role in ("mizan_app", "mizan_ledger", "mizan_audit"):
        op.execute(f"REVOKE ALL ON payouts.{first} FROM {role}")
    op.execute(
        f"CREATE TABLE payouts.{table} (LIKE payouts.{first} INCLUDING DEFAULTS"
        f" INCLUDING CONSTRAINTS) PARTITION BY RANGE (journal_id)"
    )
    for statement in wall(f"payouts.{table}", key="book_id"):
        op.execute(statement)
    for role in ("mizan_app", "mizan_ledger", "mizan_audit"):
        op.execute(grant(f"payouts.{table}", "SELECT", role))
    op.execute(grant(f"payouts.{table}", "INSERT", "mizan_ledger"))
    op.execute(
        f"ALTER TABLE payouts.{table} ADD CONSTRAINT {table}_pkey"
        f" PRIMARY KEY {_PRIMARY_KEYS[table]}"
    )
    for name, columns in _INDEXES[table].items():
        op.execute(f"CREATE INDEX {name} ON payouts.{table} {columns}")
    op.execute(
        f"ALTER TABLE payouts.{table} ATTACH PARTITION payouts.{first}"
        f" FOR VALUES FROM (MINVALUE) TO ({bound})"
    )
    rest = f"payouts.{table}_default"
    op.execute(f"CREATE TABLE {rest} PARTITION OF payouts.{table} DEFAULT")
    op.execute(f"ALTER TABLE {rest} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {rest} FORCE ROW LEVEL SECURITY")


def _refer() -> None:
    # Whoever is held by the walls would find nothing to check.
    op.execute("SET LOCAL ROLE mizan_migrator")
    for table in _REFERRING:
        op.execute(
            f"ALTER TABLE payouts.{table} ADD CONSTRAINT {table}_journal_fkey"
            " FOREIGN KEY (book_id, journal_id) REFERENCES payouts.journal (book_id, journal_id)"
        )
    op.execute("SET LOCAL ROLE mizan_owner")


def _make_ahead(month: date | None) -> None:
    for _ in range(_MONTHS_AHEAD):
        if month is None:
            return
        for table in ("journal", "posting"):
            op.get_bind().execute(
                text("SELECT payouts.make_partition(:of, :month)"), {"of": table, "month": month}
            )
        month = _month_after(datetime(month.year, month.month, 1, tzinfo=UTC))


def _replace_posting() -> None:
    op.execute("GRANT CREATE ON SCHEMA payouts TO mizan_ledger")
    op.execute("SET LOCAL ROLE mizan_ledger")
    op.execute(POST_JOURNALS)
    op.execute("SET LOCAL ROLE mizan_owner")
    op.execute("REVOKE CREATE ON SCHEMA payouts FROM mizan_ledger")


def _show(views: list[tuple[str, str]]) -> None:
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in views:
        op.execute(f"CREATE OR REPLACE VIEW {name} AS {body}")
    op.execute(f"CREATE VIEW audit.journal_key AS {_KEY_VIEW}")
    op.execute("GRANT SELECT ON audit.journal_key TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
