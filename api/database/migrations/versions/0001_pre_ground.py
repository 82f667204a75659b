"""The door's request keys and the list of due work: what every later table leans on."""

from alembic import op

from api.database.ground import grant, wall

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = [
    """
    CREATE TABLE api.idempotency_key (
      network_id bigint NOT NULL,
      caller text NOT NULL,
      mutation text NOT NULL,
      key text NOT NULL CONSTRAINT idempotency_key_length CHECK (length(key) BETWEEN 1 AND 255),
      request_hash bytea NOT NULL,
      outcome jsonb,
      created_at timestamptz NOT NULL,
      CONSTRAINT idempotency_key_pkey PRIMARY KEY (network_id, caller, mutation, key)
    )
    """,
    """
    CREATE TABLE payouts.due (
      network_id bigint NOT NULL,
      kind text NOT NULL,
      due_id uuid NOT NULL,
      due_at timestamptz NOT NULL,
      CONSTRAINT due_pkey PRIMARY KEY (network_id, kind, due_id)
    )
    """,
    "CREATE INDEX due_by_time ON payouts.due (due_at)",
]


def upgrade() -> None:
    """Create the request keys (walled by network) and the list of due work (platform)."""
    for statement in _TABLES:
        op.execute(statement)
    for statement in wall("api.idempotency_key", owners=()):
        op.execute(statement)
    op.execute(grant("api.idempotency_key", "SELECT, INSERT, UPDATE (outcome)"))
    op.execute(grant("api.schema_version", "SELECT"))
    op.execute(grant("payouts.due", "SELECT, INSERT, UPDATE, DELETE"))
