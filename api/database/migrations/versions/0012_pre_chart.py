"""The whole chart of accounts."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The whole chart of accounts."""
