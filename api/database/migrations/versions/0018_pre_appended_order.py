"""The function that reads append-only balances, with a plan that hangs on no statistics."""

from alembic import op

from api.database.migrations.appended_function import SUM_APPENDED

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put it in the place of the one of before; who may call it stays the same."""
    op.execute(SUM_APPENDED)
