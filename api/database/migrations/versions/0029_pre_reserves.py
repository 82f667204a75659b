"""What of a net cannot be paid, the policies of reserves, and what is held back by them."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# Statements of before were settled to the last unit. The default stays for the code of before.
_STATEMENT = [
    "ALTER TABLE payouts.statement ADD COLUMN remainder bigint NOT NULL DEFAULT 0"
    " CONSTRAINT statement_remainder CHECK (remainder = 0 OR outcome IN ('pay', 'collect'))",
]

_STATEMENT_VIEW = (
    "SELECT s.network_id, s.statement_id, s.cycle_id, s.partner_id, s.number,"
    " s.currency, s.from_seq, s.to_seq, s.opening_receivable, s.opening_payable, s.receivable,"
    " s.payable, s.opening_receivable + s.settled_receivable + s.receivable"
    " - s.opening_payable - s.settled_payable - s.payable AS net,"
    " s.lines_count, s.outcome, s.content_hash, s.state, s.issued_at, s.settled_receivable,"
    " s.settled_payable, s.version, s.cut_at, s.before_seq, s.before_at,"
    " s.block, s.remainder FROM payouts.statement s"
)


def upgrade() -> None:
    """Give statements their remainder."""
    for statement in _STATEMENT:
        op.execute(statement)
    op.execute("SET LOCAL ROLE mizan_audit")
    op.execute(f"CREATE OR REPLACE VIEW audit.statement AS {_STATEMENT_VIEW}")
    op.execute("SET LOCAL ROLE mizan_owner")
