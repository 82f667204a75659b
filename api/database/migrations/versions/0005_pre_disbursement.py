"""Settlement cycles, payees, payouts and the inbox of webhooks."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Settlement cycles, payees, payouts and the inbox of webhooks."""
