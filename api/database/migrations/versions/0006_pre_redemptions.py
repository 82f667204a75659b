"""Quotes, redemptions, vouchers, cards and bookings."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Quotes, redemptions, vouchers, cards and bookings."""
