"""Blocks of sealed journals, chained and signed."""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Blocks of sealed journals, chained and signed."""
