"""Files of purchases on their way into the books."""

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Files of purchases on their way into the books."""
