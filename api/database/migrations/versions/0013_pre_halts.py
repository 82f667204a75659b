"""Halts: a breach of the books stops what pays out."""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Halts: a breach of the books stops what pays out."""
