"""The life of a reward: review, schedule, pause, suspension, retirement, and who commanded what."""

from alembic import op

from api.database.ground import grant, wall

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_STATES = (
    "'draft', 'in_review', 'rejected', 'scheduled', 'active', 'paused', 'suspended', 'retiring',"
    " 'matched', 'retired'"
)
_COMMANDS = (
    "'revise', 'submit', 'reject', 'approve', 'unschedule', 'go_live', 'publish', 'pause',"
    " 'resume', 'suspend', 'reinstate', 'announce_retirement', 'sunset', 'retire'"
)
_REWARDS = [
    "ALTER TABLE catalog.reward ADD COLUMN goes_live_at timestamptz,"
    " ADD COLUMN sunset_at timestamptz",
    "ALTER TABLE catalog.reward DROP CONSTRAINT reward_state",
    "ALTER TABLE catalog.reward ADD CONSTRAINT reward_state"
    f" CHECK (state IN ({_STATES})) NOT VALID",
    # What is paused or suspended may be withdrawn by its supplier meanwhile, and stays what it is.
    "ALTER TABLE catalog.reward DROP CONSTRAINT reward_withdrawn",
    "ALTER TABLE catalog.reward ADD CONSTRAINT reward_withdrawn"
    " CHECK (NOT is_withdrawn OR state IN ('retired', 'paused', 'suspended')) NOT VALID",
    "ALTER TABLE catalog.reward DROP CONSTRAINT reward_active",
    "ALTER TABLE catalog.reward ADD CONSTRAINT reward_active"
    " CHECK (state NOT IN ('active', 'paused', 'suspended', 'retiring')"
    "   OR current_version IS NOT NULL) NOT VALID",
    "ALTER TABLE catalog.reward DROP CONSTRAINT reward_filling",
    "ALTER TABLE catalog.reward ADD CONSTRAINT reward_filling"
    " CHECK (fills_id <> reward_id AND (state <> 'matched' OR fills_id IS NOT NULL)"
    " AND (state NOT IN ('active', 'paused', 'suspended', 'retiring') OR fills_id IS NULL))"
    " NOT VALID",
    "ALTER TABLE catalog.reward ADD CONSTRAINT reward_scheduled"
    " CHECK ((state = 'scheduled') = (goes_live_at IS NOT NULL)) NOT VALID",
    "ALTER TABLE catalog.reward ADD CONSTRAINT reward_retiring"
    " CHECK ((state = 'retiring') = (sunset_at IS NOT NULL)) NOT VALID",
    "ALTER TABLE catalog.reward VALIDATE CONSTRAINT reward_state",
    "ALTER TABLE catalog.reward VALIDATE CONSTRAINT reward_withdrawn",
    "ALTER TABLE catalog.reward VALIDATE CONSTRAINT reward_active",
    "ALTER TABLE catalog.reward VALIDATE CONSTRAINT reward_filling",
    "ALTER TABLE catalog.reward VALIDATE CONSTRAINT reward_scheduled",
    "ALTER TABLE catalog.reward VALIDATE CONSTRAINT reward_retiring",
]

_TRANSITIONS = f"""
    CREATE TABLE catalog.reward_transition (
      network_id bigint NOT NULL,
      reward_transition_id uuid NOT NULL,
      reward_id uuid NOT NULL,
      number integer NOT NULL CONSTRAINT reward_transition_number CHECK (number > 0),
      command text NOT NULL CONSTRAINT reward_transition_command CHECK (command IN ({_COMMANDS})),
      from_state text NOT NULL
        CONSTRAINT reward_transition_from CHECK (from_state IN ({_STATES})),
      to_state text NOT NULL CONSTRAINT reward_transition_to CHECK (to_state IN ({_STATES})),
      version integer NOT NULL,
      actor text NOT NULL
        CONSTRAINT reward_transition_actor CHECK (length(actor) BETWEEN 1 AND 255),
      reason text CONSTRAINT reward_transition_reason CHECK (length(reason) BETWEEN 1 AND 500),
      effective_at timestamptz,
      submitted_by text,
      partner_id uuid,
      made_at timestamptz NOT NULL,
      CONSTRAINT reward_transition_pkey PRIMARY KEY (network_id, reward_transition_id),
      CONSTRAINT reward_transition_number_key UNIQUE (network_id, reward_id, number),
      CONSTRAINT reward_transition_decided CHECK
        ((command IN ('approve', 'reject')) = (submitted_by IS NOT NULL)),
      CONSTRAINT reward_transition_second_person CHECK (submitted_by <> actor),
      CONSTRAINT reward_transition_said_why CHECK
        (command NOT IN ('reject', 'suspend') OR reason IS NOT NULL),
      CONSTRAINT reward_transition_when CHECK
        ((to_state IN ('scheduled', 'retiring')) = (effective_at IS NOT NULL))
    )
"""
_INDEXES = [
    "ALTER TABLE catalog.reward_transition ADD CONSTRAINT reward_transition_version_fkey"
    " FOREIGN KEY (network_id, reward_id, version)"
    " REFERENCES catalog.reward_version (network_id, reward_id, version)",
    # What still hangs on a reward whose sunset has come: orders that suppliers have not answered.
    "CREATE INDEX redemption_open_by_reward ON catalog.redemption (network_id, reward_id)"
    " WHERE kind = 'supplier_card' AND ended_at IS NULL",
]


def upgrade() -> None:
    """Let rewards have the states, and keep who commanded what; those of before stay as they are."""
    for statement in (*_REWARDS, _TRANSITIONS, *_INDEXES):
        op.execute(statement)
    for statement in wall("catalog.reward_transition", owners=("partner_id",)):
        op.execute(statement)
    op.execute(grant("catalog.reward_transition", "SELECT, INSERT"))
    op.execute(grant("catalog.reward", "UPDATE (goes_live_at, sunset_at)"))
