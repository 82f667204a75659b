"""From which sum a cycle takes two approvers, and who was the first of them."""

from alembic import op

from api.database.ground import grant

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# Policies of before have no such limit: one approver was enough, and is.
_POLICY = [
    "ALTER TABLE payouts.payout_policy ADD COLUMN second_approval_above bigint"
    " CONSTRAINT payout_policy_second CHECK (second_approval_above >= 0)",
]
_CYCLE = [
    "ALTER TABLE payouts.settlement_cycle ADD COLUMN first_approved_by text"
    " CONSTRAINT settlement_cycle_first_checker CHECK (length(first_approved_by) <= 255)",
    "ALTER TABLE payouts.settlement_cycle ADD COLUMN first_approved_at timestamptz",
    "ALTER TABLE payouts.settlement_cycle ADD CONSTRAINT settlement_cycle_first_approval"
    " CHECK ((first_approved_by IS NULL) = (first_approved_at IS NULL))",
    # With settlement_cycle_four_eyes, all three persons differ.
    "ALTER TABLE payouts.settlement_cycle ADD CONSTRAINT settlement_cycle_six_eyes"
    " CHECK (first_approved_by <> closed_by AND first_approved_by <> approved_by)",
]

# A view takes further columns at its end.
_VIEW = (
    "SELECT c.network_id, c.cycle_id, c.number, c.from_seq, c.to_seq,"
    " c.state, c.result_hash, c.closed_by, c.closed_at, c.approved_by, c.approved_at,"
    " c.settled_at, c.currency, c.cut_at, c.before_seq, c.before_at, c.version,"
    " c.review_ends_at, c.value_on, c.first_approved_by, c.first_approved_at"
    " FROM payouts.settlement_cycle c"
)


def upgrade() -> None:
    """Give policies a second limit, and cycles a first approver."""
    for statement in _POLICY + _CYCLE:
        op.execute(statement)
    op.execute(grant("payouts.settlement_cycle", "UPDATE (first_approved_by, first_approved_at)"))
    op.execute("SET LOCAL ROLE mizan_audit")
    op.execute(f"CREATE OR REPLACE VIEW audit.settlement_cycle AS {_VIEW}")
    op.execute("SET LOCAL ROLE mizan_owner")
