"""Rewards filed by their words, the words themselves, and the function that searches them."""

from alembic import op

from api.database.ground import grant, wall
from api.database.migrations.search_function import SEARCH_REWARDS, SEARCHER

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_TABLES = [
    """
    CREATE TABLE catalog.reward_search (
      network_id bigint NOT NULL,
      reward_id uuid NOT NULL,
      rank bigint NOT NULL,
      kind text NOT NULL,
      category text,
      brand_id uuid,
      price_band text,
      delivery text NOT NULL,
      countries varchar(2)[] NOT NULL CONSTRAINT reward_search_countries
        CHECK (cardinality(countries) > 0),
      words tsvector NOT NULL,
      CONSTRAINT reward_search_pkey PRIMARY KEY (network_id, reward_id)
    )
    """,
    "CREATE INDEX reward_search_words ON catalog.reward_search USING gin (words)"
    " WITH (fastupdate = off)",
    "CREATE INDEX reward_search_by_brand ON catalog.reward_search (network_id, brand_id)",
    """
    CREATE TABLE catalog.search_word (
      network_id bigint NOT NULL,
      word text COLLATE "C" NOT NULL CONSTRAINT search_word_length CHECK (length(word) <= 80),
      filed_at timestamptz NOT NULL,
      CONSTRAINT search_word_pkey PRIMARY KEY (network_id, word)
    )
    """,
    """
    CREATE TABLE catalog.search_slip (
      network_id bigint NOT NULL,
      slip text COLLATE "C" NOT NULL,
      word text COLLATE "C" NOT NULL,
      filed_at timestamptz NOT NULL,
      CONSTRAINT search_slip_pkey PRIMARY KEY (network_id, slip, word)
    )
    """,
]


def upgrade() -> None:
    """Make the tables and the function; what is on sale is filed by `mizan catalog file`."""
    for statement in _TABLES:
        op.execute(statement)
    for table in ("reward_search", "search_word", "search_slip"):
        for statement in wall(f"catalog.{table}"):
            op.execute(statement)
    op.execute(grant("catalog.reward_search", "SELECT, INSERT, UPDATE, DELETE"))
    op.execute(grant("catalog.search_word", "SELECT, INSERT"))
    op.execute(grant("catalog.search_slip", "SELECT, INSERT"))
    op.execute(
        "CREATE POLICY reward_search_search ON catalog.reward_search FOR SELECT TO mizan_search"
        " USING (true)"
    )
    op.execute(grant("catalog.reward_search", "SELECT", "mizan_search"))
    op.execute("SET LOCAL ROLE mizan_search")
    op.execute(SEARCH_REWARDS)
    op.execute(f"REVOKE ALL ON FUNCTION catalog.search_rewards({SEARCHER}) FROM public")
    op.execute(f"GRANT EXECUTE ON FUNCTION catalog.search_rewards({SEARCHER}) TO mizan_app")
    op.execute("SET LOCAL ROLE mizan_owner")
