"""One function that reads append-only balances."""

from alembic import op

from api.database.migrations.appended_function import SUM_APPENDED

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the function for whoever may read the tables anyway."""
    op.execute(SUM_APPENDED)
    op.execute("REVOKE EXECUTE ON FUNCTION payouts.sum_appended(bigint, uuid[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION payouts.sum_appended(bigint, uuid[]) TO mizan_app")
