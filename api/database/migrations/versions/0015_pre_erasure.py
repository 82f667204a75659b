"""Members who asked to be forgotten."""

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Members who asked to be forgotten."""
