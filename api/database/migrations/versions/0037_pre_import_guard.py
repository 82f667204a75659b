"""How far an import came, what it would have taken off sale, and who decided about that."""

from alembic import op

from api.database.ground import grant, wall

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_IMPORT = [
    # Imports of before sold in their own countries alone, and withheld nothing.
    "ALTER TABLE catalog.catalogue_import"
    " ADD COLUMN markets varchar(2)[] NOT NULL DEFAULT '{}',"
    " ADD COLUMN withheld integer NOT NULL DEFAULT 0"
    "   CONSTRAINT catalogue_import_withheld CHECK (withheld >= 0),"
    " ADD COLUMN decided_by text"
    "   CONSTRAINT catalogue_import_decider CHECK (length(decided_by) <= 255),"
    " ADD COLUMN decided_at timestamptz,"
    " ADD COLUMN is_approved boolean",
    "ALTER TABLE catalog.catalogue_import ADD CONSTRAINT catalogue_import_decision"
    " CHECK ((decided_by IS NULL) = (decided_at IS NULL)"
    " AND (decided_by IS NULL) = (is_approved IS NULL)"
    " AND (decided_by IS NULL OR (withheld > 0 AND finished_at IS NOT NULL)))",
    "ALTER TABLE catalog.catalogue_import ADD CONSTRAINT catalogue_import_four_eyes"
    " CHECK (decided_by <> actor)",
]
_TABLES = [
    """
    CREATE TABLE catalog.catalogue_import_chunk (
      network_id bigint NOT NULL,
      catalogue_import_id uuid NOT NULL,
      first_item integer NOT NULL
        CONSTRAINT catalogue_import_chunk_first_item CHECK (first_item >= 0),
      items integer NOT NULL CONSTRAINT catalogue_import_chunk_items CHECK (items > 0),
      added integer NOT NULL,
      changed integer NOT NULL,
      unchanged integer NOT NULL,
      imported_at timestamptz NOT NULL,
      CONSTRAINT catalogue_import_chunk_pkey
        PRIMARY KEY (network_id, catalogue_import_id, first_item)
    )
    """,
    """
    CREATE TABLE catalog.catalogue_import_withheld (
      network_id bigint NOT NULL,
      catalogue_import_id uuid NOT NULL,
      reward_id uuid NOT NULL,
      supplier_country varchar(2) NOT NULL,
      supplier_sku text NOT NULL,
      CONSTRAINT catalogue_import_withheld_pkey
        PRIMARY KEY (network_id, catalogue_import_id, reward_id)
    )
    """,
    """
    CREATE TABLE catalog.import_policy (
      network_id bigint NOT NULL,
      import_policy_id uuid NOT NULL,
      withdrawn_bps_max integer NOT NULL
        CONSTRAINT import_policy_bps CHECK (withdrawn_bps_max BETWEEN 0 AND 10000),
      withdrawn_always integer NOT NULL
        CONSTRAINT import_policy_always CHECK (withdrawn_always BETWEEN 0 AND 1000000),
      published_by text NOT NULL
        CONSTRAINT import_policy_publisher CHECK (length(published_by) <= 255),
      published_at timestamptz NOT NULL,
      CONSTRAINT import_policy_pkey PRIMARY KEY (network_id, import_policy_id)
    )
    """,
]
_FOREIGN_KEYS = [
    f"ALTER TABLE catalog.{name} ADD CONSTRAINT {name}_import_fkey"
    " FOREIGN KEY (network_id, catalogue_import_id)"
    " REFERENCES catalog.catalogue_import (network_id, catalogue_import_id)"
    for name in ("catalogue_import_chunk", "catalogue_import_withheld")
]


def upgrade() -> None:
    """Create the tables; staff alone reads them, and nothing in them is ever changed."""
    for statement in (*_IMPORT, *_TABLES, *_FOREIGN_KEYS):
        op.execute(statement)
    op.execute(
        grant("catalog.catalogue_import", "UPDATE (withheld, decided_by, decided_at, is_approved)")
    )
    for name in ("catalogue_import_chunk", "catalogue_import_withheld", "import_policy"):
        for statement in wall(f"catalog.{name}", owners=()):
            op.execute(statement)
        op.execute(grant(f"catalog.{name}", "SELECT, INSERT"))
        op.execute(grant(f"catalog.{name}", "SELECT", "mizan_audit"))
