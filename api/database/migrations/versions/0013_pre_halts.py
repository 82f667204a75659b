"""Halts: a breach of the books stops what pays out."""

from alembic import op

from api.database.ground import grant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TABLE = """
    CREATE TABLE payouts.halt (
      halt_id uuid NOT NULL,
      network_id bigint NOT NULL,
      invariant text NOT NULL CONSTRAINT halt_invariant CHECK (invariant ~ '^[a-z0-9_]{1,80}$'),
      breaches bigint NOT NULL CONSTRAINT halt_breaches CHECK (breaches > 0),
      opened_at timestamptz NOT NULL,
      lifted_at timestamptz,
      lifted_by text CONSTRAINT halt_lifter CHECK (length(lifted_by) BETWEEN 1 AND 255),
      reason text CONSTRAINT halt_reason CHECK (length(reason) BETWEEN 1 AND 1000),
      CONSTRAINT halt_pkey PRIMARY KEY (halt_id),
      CONSTRAINT halt_lifted_by_somebody
        CHECK (num_nulls(lifted_at, lifted_by, reason) IN (0, 3))
    )
    """
# While it is open there is one for each invariant; the index is also how it is asked for.
_OPEN = (
    "CREATE UNIQUE INDEX halt_open ON payouts.halt (network_id, invariant) WHERE lifted_at IS NULL"
)

_VIEWS = {
    "halt": "SELECT h.network_id, h.halt_id, h.invariant, h.breaches, h.opened_at, h.lifted_at,"
    " h.lifted_by, h.reason FROM payouts.halt h",
    "book": "SELECT b.book_id, b.network_id, b.zone, b.created_at FROM payouts.book b",
}


def upgrade() -> None:
    """Create halts, and show them and the books themselves to the auditor."""
    op.execute(_TABLE)
    op.execute(_OPEN)
    op.execute(
        grant("payouts.halt", "SELECT, INSERT, UPDATE (breaches, lifted_at, lifted_by, reason)")
    )
    op.execute(grant("payouts.halt", "SELECT", "mizan_audit"))
    op.execute(grant("payouts.book", "SELECT", "mizan_audit"))
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in _VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {body}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
