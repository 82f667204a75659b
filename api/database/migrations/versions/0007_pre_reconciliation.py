"""Outside lines against the ledger, and the views of the auditor."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Outside lines against the ledger, and the views of the auditor."""
