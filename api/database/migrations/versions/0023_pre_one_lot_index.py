"""One index of lots by their end, where there were two alike."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the second, which each new lot was written into and nothing was read by."""
    op.execute("DROP INDEX payouts.lot_by_end")
