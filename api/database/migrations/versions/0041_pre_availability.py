"""What suppliers say of availability, what is left of the rest, and a search that leaves out."""

from alembic import op

from api.database.ground import grant, wall
from api.database.migrations.counting_function import COUNT_LEFT, COUNTED, COUNTER
from api.database.migrations.search_function import SEARCH_WITHOUT, SEARCHER_WITHOUT

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_TABLES = [
    """
    CREATE TABLE catalog.reward_availability (
      network_id bigint NOT NULL,
      reward_id uuid NOT NULL,
      availability text NOT NULL CONSTRAINT reward_availability_availability
        CHECK (availability IN ('in_stock', 'low', 'out', 'unknown')),
      observed_at timestamptz NOT NULL,
      sequence bigint NOT NULL CONSTRAINT reward_availability_sequence CHECK (sequence >= 0),
      said_by text NOT NULL CONSTRAINT reward_availability_said_by
        CHECK (said_by IN ('feed', 'message', 'order')),
      said_at timestamptz NOT NULL,
      CONSTRAINT reward_availability_pkey PRIMARY KEY (network_id, reward_id)
    )
    """,
    "CREATE INDEX reward_availability_out ON catalog.reward_availability (network_id, reward_id)"
    " WHERE availability = 'out'",
]


def upgrade() -> None:
    """Make the table and the functions; the search keeps its old form for the code of before."""
    for statement in _TABLES:
        op.execute(statement)
    table = "catalog.reward_availability"
    for statement in wall(table):
        op.execute(statement)
    op.execute(grant(table, "SELECT, INSERT"))
    op.execute(grant(table, "UPDATE (availability, observed_at, sequence, said_by, said_at)"))
    for name, columns in COUNTED.items():
        op.execute(grant(f"catalog.{name}", f"SELECT (network_id, {columns})", "mizan_counter"))
    _make("mizan_counter", COUNT_LEFT, f"catalog.count_left({COUNTER})")
    _make("mizan_search", SEARCH_WITHOUT, f"catalog.search_rewards({SEARCHER_WITHOUT})")


def _make(role: str, function: str, name: str) -> None:
    op.execute(f"SET LOCAL ROLE {role}")
    op.execute(function)
    op.execute(f"REVOKE ALL ON FUNCTION {name} FROM public")
    op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO mizan_app")
    op.execute("SET LOCAL ROLE mizan_owner")
