"""Names that are alike are found by their order, without a second column and index for it."""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Have names in the order of their letters' codes, and an index of suppliers' items alone.

    The index served checks of foreign keys while the table was nearly empty, by its first column
    alone: each row of a first import went through all rows of its network.
    """
    op.execute("ALTER TABLE catalog.reward DROP CONSTRAINT reward_supplier_key")
    op.execute(
        "CREATE UNIQUE INDEX reward_supplier_key ON catalog.reward"
        " (network_id, supplier_id, supplier_country, supplier_sku) WHERE supplier_id IS NOT NULL"
    )
    op.execute("DROP INDEX catalog.reward_by_block")
    op.execute("ALTER TABLE catalog.reward DROP COLUMN match_block")
    op.execute('ALTER TABLE catalog.reward ALTER COLUMN match_key TYPE text COLLATE "C"')
