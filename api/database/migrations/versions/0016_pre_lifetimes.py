"""How long earned value lives, and who gets what nobody spent."""

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """How long earned value lives, and who gets what nobody spent."""
