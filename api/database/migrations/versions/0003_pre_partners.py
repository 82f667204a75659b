"""Who takes part, and why value is earned."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Who takes part, and why value is earned."""
