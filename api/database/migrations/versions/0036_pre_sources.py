"""The same product from several suppliers: what is sold as what, why one was chosen, and tries."""

from alembic import op

from api.database.ground import grant, wall

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

# Items of before are compared when their supplier's catalogue is imported again: until then no
# row has a block, and nothing of before is sold as anything else.
_REWARDS = [
    "ALTER TABLE catalog.reward ADD COLUMN fills_id uuid,"
    " ADD COLUMN match_key text"
    "   CONSTRAINT reward_match_key CHECK (length(match_key) BETWEEN 1 AND 200),"
    " ADD COLUMN match_block text"
    "   CONSTRAINT reward_match_block CHECK (length(match_block) BETWEEN 1 AND 8)",
    "ALTER TABLE catalog.reward DROP CONSTRAINT reward_state",
    "ALTER TABLE catalog.reward ADD CONSTRAINT reward_state"
    " CHECK (state IN ('draft', 'active', 'matched', 'retired')) NOT VALID",
    "ALTER TABLE catalog.reward ADD CONSTRAINT reward_filling"
    " CHECK (fills_id <> reward_id AND (state <> 'matched' OR fills_id IS NOT NULL)"
    " AND (state <> 'active' OR fills_id IS NULL)) NOT VALID",
    "ALTER TABLE catalog.reward ADD CONSTRAINT reward_fills_fkey FOREIGN KEY (network_id, fills_id)"
    " REFERENCES catalog.reward (network_id, reward_id)",
    "ALTER TABLE catalog.reward VALIDATE CONSTRAINT reward_state",
    "ALTER TABLE catalog.reward VALIDATE CONSTRAINT reward_filling",
    "CREATE INDEX reward_by_key ON catalog.reward"
    " (network_id, supplier_country, match_key, supplier_id, reward_id)"
    " WHERE match_key IS NOT NULL",
    "CREATE INDEX reward_by_block ON catalog.reward"
    " (network_id, supplier_country, match_block, supplier_id, reward_id)"
    " WHERE match_block IS NOT NULL",
    "CREATE INDEX reward_by_filled ON catalog.reward (network_id, fills_id, reward_id)"
    " WHERE fills_id IS NOT NULL",
    """
    CREATE TABLE catalog.reward_match (
      network_id bigint NOT NULL,
      reward_match_id uuid NOT NULL,
      reward_id uuid NOT NULL,
      source_id uuid NOT NULL CONSTRAINT reward_match_pair CHECK (source_id <> reward_id),
      state text NOT NULL
        CONSTRAINT reward_match_state CHECK (state IN ('doubtful', 'matched', 'separate')),
      reasons text[] NOT NULL
        CONSTRAINT reward_match_reasons CHECK (cardinality(reasons) <= 10),
      decided_by text CONSTRAINT reward_match_decider CHECK (length(decided_by) BETWEEN 1 AND 255),
      found_at timestamptz NOT NULL,
      decided_at timestamptz,
      CONSTRAINT reward_match_pkey PRIMARY KEY (network_id, reward_match_id),
      CONSTRAINT reward_match_pair_key UNIQUE (network_id, source_id, reward_id),
      CONSTRAINT reward_match_reward_fkey FOREIGN KEY (network_id, reward_id)
        REFERENCES catalog.reward (network_id, reward_id),
      CONSTRAINT reward_match_source_fkey FOREIGN KEY (network_id, source_id)
        REFERENCES catalog.reward (network_id, reward_id),
      CONSTRAINT reward_match_decided CHECK
        ((state = 'doubtful') = (decided_at IS NULL)
         AND (decided_by IS NULL) = (decided_at IS NULL))
    )
    """,
    "CREATE INDEX reward_match_by_state ON catalog.reward_match"
    " (network_id, state, reward_match_id)",
    "CREATE INDEX reward_match_by_reward ON catalog.reward_match (network_id, reward_id)",
]

_SOURCING = [
    """
    CREATE TABLE catalog.quote_source (
      network_id bigint NOT NULL,
      quote_id uuid NOT NULL,
      place integer NOT NULL CONSTRAINT quote_source_place CHECK (place > 0),
      source_id uuid NOT NULL,
      version integer NOT NULL,
      supplier_id uuid NOT NULL,
      supplier_sku text NOT NULL
        CONSTRAINT quote_source_sku CHECK (length(supplier_sku) <= 80),
      cost bigint CONSTRAINT quote_source_cost CHECK (cost >= 0),
      cost_currency varchar(16),
      cost_in_wallet bigint,
      fx_rate_id uuid,
      fx_rate numeric(20,10),
      score integer NOT NULL CONSTRAINT quote_source_score CHECK (score BETWEEN 0 AND 100),
      excluded_because text
        CONSTRAINT quote_source_excluded CHECK (length(excluded_because) BETWEEN 1 AND 40),
      CONSTRAINT quote_source_pkey PRIMARY KEY (network_id, quote_id, place),
      CONSTRAINT quote_source_once UNIQUE (network_id, quote_id, source_id),
      CONSTRAINT quote_source_quote_fkey FOREIGN KEY (network_id, quote_id)
        REFERENCES catalog.quote (network_id, quote_id),
      CONSTRAINT quote_source_priced CHECK
        (((cost IS NULL) = (cost_currency IS NULL)) AND ((cost IS NULL) = (cost_in_wallet IS NULL))
         AND (cost IS NOT NULL OR excluded_because IS NOT NULL))
    )
    """,
    """
    CREATE TABLE catalog.sourcing_policy (
      network_id bigint NOT NULL,
      policy_id uuid NOT NULL,
      loss_max_bps integer NOT NULL
        CONSTRAINT sourcing_policy_loss CHECK (loss_max_bps BETWEEN 0 AND 10000),
      published_by text NOT NULL
        CONSTRAINT sourcing_policy_published_by CHECK (length(published_by) BETWEEN 1 AND 255),
      published_at timestamptz NOT NULL,
      CONSTRAINT sourcing_policy_pkey PRIMARY KEY (network_id, policy_id)
    )
    """,
    "ALTER TABLE catalog.redemption_attempt"
    " ADD COLUMN source_id uuid,"
    " ADD COLUMN supplier_sku text"
    "   CONSTRAINT redemption_attempt_sku CHECK (length(supplier_sku) <= 80),"
    " ADD COLUMN cost bigint CONSTRAINT redemption_attempt_cost CHECK (cost >= 0),"
    " ADD COLUMN cost_currency varchar(16),"
    " ADD COLUMN failure_code text"
    "   CONSTRAINT redemption_attempt_failure CHECK (length(failure_code) <= 80),"
    " ADD COLUMN unknown_at timestamptz,"
    " ADD COLUMN passed_over jsonb"
    "   CONSTRAINT redemption_attempt_passed CHECK (length(passed_over::text) <= 20000)",
    "CREATE INDEX redemption_attempt_by_supplier ON catalog.redemption_attempt"
    " (network_id, supplier_id, claimed_at)",
]

_ATTEMPT_VIEW = (
    "SELECT a.network_id, a.attempt_id, a.redemption_id, a.epoch, a.supplier_id, a.state, a.sends,"
    " a.claimed_at, a.ended_at, a.supplier_sku, a.cost, a.cost_currency, a.failure_code,"
    " a.unknown_at FROM catalog.redemption_attempt a"
)


def upgrade() -> None:
    """Let rewards be sold as others, and keep why an order went where it went."""
    for statement in _REWARDS + _SOURCING:
        op.execute(statement)
    for table, privileges in (
        ("reward_match", "SELECT, INSERT, UPDATE (state, reasons, decided_by, decided_at)"),
        ("quote_source", "SELECT, INSERT"),
        ("sourcing_policy", "SELECT, INSERT"),
    ):
        for statement in wall(f"catalog.{table}", owners=()):
            op.execute(statement)
        op.execute(grant(f"catalog.{table}", privileges))
    op.execute(grant("catalog.reward", "UPDATE (fills_id, match_key, match_block)"))
    op.execute(grant("catalog.redemption_attempt", "UPDATE (failure_code, unknown_at)"))
    op.execute("SET LOCAL ROLE mizan_audit")
    op.execute(f"CREATE OR REPLACE VIEW audit.redemption_attempt AS {_ATTEMPT_VIEW}")
    op.execute("SET LOCAL ROLE mizan_owner")
