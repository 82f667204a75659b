"""What changed in the catalogue, for those who follow it."""

from alembic import op

from api.database.ground import grant, wall

revision = "0035"
down_revision = "0033"
branch_labels = None
depends_on = None

_TABLES = [
    """
    CREATE TABLE catalog.reward_change (
      network_id bigint NOT NULL,
      reward_change_id uuid NOT NULL,
      reward_id uuid NOT NULL,
      kind text NOT NULL CONSTRAINT reward_change_kind CHECK (length(kind) BETWEEN 1 AND 40),
      version integer,
      changed_at timestamptz NOT NULL,
      place bigint CONSTRAINT reward_change_place CHECK (place > 0),
      CONSTRAINT reward_change_pkey PRIMARY KEY (network_id, reward_change_id)
    )
    """,
    "CREATE UNIQUE INDEX reward_change_place_key ON catalog.reward_change (network_id, place)",
    "CREATE INDEX reward_change_unplaced ON catalog.reward_change (network_id, reward_change_id)"
    " WHERE place IS NULL",
    """
    CREATE TABLE catalog.change_head (
      network_id bigint NOT NULL,
      last_place bigint NOT NULL CONSTRAINT change_head_place CHECK (last_place >= 0),
      CONSTRAINT change_head_pkey PRIMARY KEY (network_id)
    )
    """,
]


def upgrade() -> None:
    """Make the tables. What changed before is not told: a first full load shows it."""
    for statement in _TABLES:
        op.execute(statement)
    for table in ("reward_change", "change_head"):
        for statement in wall(f"catalog.{table}"):
            op.execute(statement)
        op.execute(grant(f"catalog.{table}", "SELECT, INSERT"))
    op.execute(grant("catalog.reward_change", "UPDATE (place)"))
    op.execute(grant("catalog.change_head", "UPDATE (last_place)"))
