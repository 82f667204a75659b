"""The file of an open import is kept for whoever goes on with it; changes tell of assortments."""

from alembic import op

from api.database.ground import grant, wall

revision = "0043"
down_revision = "0041"
branch_labels = None
depends_on = None

_STATEMENTS = [
    """
    CREATE TABLE catalog.catalogue_import_file (
      network_id bigint NOT NULL,
      catalogue_import_id uuid NOT NULL,
      content bytea NOT NULL
        CONSTRAINT catalogue_import_file_content CHECK (length(content) <= 67108864),
      source_version integer,
      replaced text[] NOT NULL
        CONSTRAINT catalogue_import_file_replaced CHECK (cardinality(replaced) <= 50000),
      kept_at timestamptz NOT NULL,
      CONSTRAINT catalogue_import_file_pkey PRIMARY KEY (network_id, catalogue_import_id),
      CONSTRAINT catalogue_import_file_import_fkey FOREIGN KEY (network_id, catalogue_import_id)
        REFERENCES catalog.catalogue_import (network_id, catalogue_import_id)
    )
    """,
    # Changes of before are all of rewards.
    "ALTER TABLE catalog.reward_change ALTER COLUMN reward_id DROP NOT NULL,"
    " ADD COLUMN programme_id uuid",
    "ALTER TABLE catalog.reward_change ADD CONSTRAINT reward_change_subject"
    " CHECK (num_nonnulls(reward_id, programme_id) = 1) NOT VALID",
    "ALTER TABLE catalog.reward_change VALIDATE CONSTRAINT reward_change_subject",
]


def upgrade() -> None:
    """Make the table, whose rows staff alone sees and the end of an import removes."""
    for statement in _STATEMENTS:
        op.execute(statement)
    for statement in wall("catalog.catalogue_import_file", owners=()):
        op.execute(statement)
    op.execute(grant("catalog.catalogue_import_file", "SELECT, INSERT, DELETE"))
