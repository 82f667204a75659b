"""Into which currency nets are converted, and what statements fix of it."""

from alembic import op

from api.database.ground import grant, wall

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# Statements of before have none of it: no net was converted, and one reason alone carried one.
_STATEMENT = [
    """
    ALTER TABLE payouts.statement
      ADD COLUMN fx_rate_id uuid,
      ADD COLUMN converted_amount bigint CONSTRAINT statement_converted
        CHECK (converted_amount <> 0),
      ADD COLUMN converted_currency varchar(16),
      ADD COLUMN carried_because text,
      DROP CONSTRAINT statement_outcome,
      ADD CONSTRAINT statement_outcome
        CHECK (outcome IN ('pay', 'collect', 'netted', 'carried', 'converted')),
      ADD CONSTRAINT statement_conversion
        CHECK (num_nonnulls(fx_rate_id, converted_amount, converted_currency)
          = CASE outcome WHEN 'converted' THEN 3 ELSE 0 END),
      ADD CONSTRAINT statement_other_currency CHECK (converted_currency <> currency),
      ADD CONSTRAINT statement_carried_because
        CHECK (carried_because IS NULL OR (outcome = 'carried' AND carried_because IN
          ('below_minimum', 'fx_rate_missing', 'fx_rate_stale', 'amount_out_of_range')))
    """,
]

_STATEMENT_VIEW = (
    "SELECT s.network_id, s.statement_id, s.cycle_id, s.partner_id, s.number,"
    " s.currency, s.from_seq, s.to_seq, s.opening_receivable, s.opening_payable, s.receivable,"
    " s.payable, s.opening_receivable + s.settled_receivable + s.receivable"
    " - s.opening_payable - s.settled_payable - s.payable AS net,"
    " s.lines_count, s.outcome, s.content_hash, s.state, s.issued_at, s.settled_receivable,"
    " s.settled_payable, s.version, s.cut_at, s.before_seq, s.before_at,"
    " s.block, s.remainder, s.fx_rate_id, s.converted_amount, s.converted_currency,"
    " s.carried_because FROM payouts.statement s"
)

_TABLES = [
    """
    CREATE TABLE payouts.settlement_conversion (
      network_id bigint NOT NULL,
      policy_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      currency varchar(16) NOT NULL,
      into_currency varchar(16)
        CONSTRAINT settlement_conversion_pair CHECK (into_currency <> currency),
      published_by text NOT NULL CONSTRAINT settlement_conversion_publisher
        CHECK (length(published_by) <= 255),
      published_at timestamptz NOT NULL,
      CONSTRAINT settlement_conversion_pkey PRIMARY KEY (network_id, policy_id)
    )
    """,
    "CREATE INDEX settlement_conversion_in_force"
    " ON payouts.settlement_conversion (network_id, currency, partner_id, policy_id)",
    "CREATE INDEX settlement_conversion_by_partner"
    " ON payouts.settlement_conversion (network_id, partner_id, published_at)",
]

_CONVERSION_VIEW = (
    "SELECT c.network_id, c.policy_id, c.partner_id, c.currency, c.into_currency,"
    " c.published_by, c.published_at FROM payouts.settlement_conversion c"
)


def upgrade() -> None:
    """Make the table of conversions, and let statements fix one."""
    for statement in _STATEMENT + _TABLES:
        op.execute(statement)
    for statement in wall("payouts.settlement_conversion", owners=("partner_id",)):
        op.execute(statement)
    op.execute(grant("payouts.settlement_conversion", "SELECT, INSERT"))
    op.execute(grant("payouts.settlement_conversion", "SELECT", "mizan_audit"))
    op.execute("SET LOCAL ROLE mizan_audit")
    op.execute(f"CREATE VIEW audit.settlement_conversion AS {_CONVERSION_VIEW}")
    op.execute("GRANT SELECT ON audit.settlement_conversion TO mizan_auditor")
    op.execute(f"CREATE OR REPLACE VIEW audit.statement AS {_STATEMENT_VIEW}")
    op.execute("SET LOCAL ROLE mizan_owner")
