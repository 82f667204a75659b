"""What of a net cannot be paid, the policies of reserves, and what is held back by them."""

from alembic import op

from api.database.ground import grant, wall

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# Statements of before were settled to the last unit. The default stays for the code of before.
_STATEMENT = [
    "ALTER TABLE payouts.statement ADD COLUMN remainder bigint NOT NULL DEFAULT 0"
    " CONSTRAINT statement_remainder CHECK (remainder = 0 OR outcome IN ('pay', 'collect'))",
]

_STATEMENT_VIEW = (
    "SELECT s.network_id, s.statement_id, s.cycle_id, s.partner_id, s.number,"
    " s.currency, s.from_seq, s.to_seq, s.opening_receivable, s.opening_payable, s.receivable,"
    " s.payable, s.opening_receivable + s.settled_receivable + s.receivable"
    " - s.opening_payable - s.settled_payable - s.payable AS net,"
    " s.lines_count, s.outcome, s.content_hash, s.state, s.issued_at, s.settled_receivable,"
    " s.settled_payable, s.version, s.cut_at, s.before_seq, s.before_at,"
    " s.block, s.remainder FROM payouts.statement s"
)

_TABLES = [
    """
    CREATE TABLE payouts.reserve_policy (
      network_id bigint NOT NULL,
      policy_id uuid NOT NULL,
      currency varchar(16) NOT NULL,
      partner_id uuid,
      share_bps smallint NOT NULL CONSTRAINT reserve_policy_share
        CHECK (share_bps BETWEEN 0 AND 5000),
      hold_days smallint NOT NULL CONSTRAINT reserve_policy_days
        CHECK (hold_days BETWEEN 1 AND 3650),
      published_by text NOT NULL CONSTRAINT reserve_policy_publisher
        CHECK (length(published_by) <= 255),
      published_at timestamptz NOT NULL,
      CONSTRAINT reserve_policy_pkey PRIMARY KEY (network_id, policy_id)
    )
    """,
    "CREATE INDEX reserve_policy_in_force"
    " ON payouts.reserve_policy (network_id, currency, partner_id, policy_id)",
    """
    CREATE TABLE payouts.reserve (
      network_id bigint NOT NULL,
      reserve_id uuid NOT NULL,
      policy_id uuid NOT NULL,
      cycle_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      amount bigint NOT NULL CONSTRAINT reserve_amount CHECK (amount > 0),
      currency varchar(16) NOT NULL,
      withheld_at timestamptz NOT NULL,
      release_at timestamptz NOT NULL CONSTRAINT reserve_time CHECK (release_at > withheld_at),
      withheld_by_journal uuid NOT NULL,
      released_at timestamptz CONSTRAINT reserve_in_time CHECK (released_at >= release_at),
      released_by_journal uuid,
      CONSTRAINT reserve_pkey PRIMARY KEY (network_id, reserve_id),
      CONSTRAINT reserve_policy_fkey FOREIGN KEY (network_id, policy_id)
        REFERENCES payouts.reserve_policy (network_id, policy_id),
      CONSTRAINT reserve_cycle_key UNIQUE (network_id, cycle_id, partner_id, currency),
      CONSTRAINT reserve_release
        CHECK ((released_at IS NULL) = (released_by_journal IS NULL))
    )
    """,
    "CREATE INDEX reserve_by_partner"
    " ON payouts.reserve (network_id, partner_id, withheld_at, reserve_id)",
    "CREATE INDEX reserve_by_time ON payouts.reserve (network_id, withheld_at, reserve_id)",
]

_VIEWS = {
    "reserve_policy": "SELECT p.network_id, p.policy_id, p.currency, p.partner_id, p.share_bps,"
    " p.hold_days, p.published_by, p.published_at FROM payouts.reserve_policy p",
    "reserve": "SELECT r.network_id, r.reserve_id, r.policy_id, r.cycle_id, r.partner_id, r.amount,"
    " r.currency, r.withheld_at, r.release_at, r.withheld_by_journal, r.released_at,"
    " r.released_by_journal FROM payouts.reserve r",
}


def upgrade() -> None:
    """Give statements their remainder, and make the tables of reserves."""
    for statement in _STATEMENT + _TABLES:
        op.execute(statement)
    for table, owners in (("reserve_policy", ()), ("reserve", ("partner_id",))):
        for statement in wall(f"payouts.{table}", owners=owners):
            op.execute(statement)
        op.execute(grant(f"payouts.{table}", "SELECT, INSERT"))
        op.execute(grant(f"payouts.{table}", "SELECT", "mizan_audit"))
    op.execute(grant("payouts.reserve", "UPDATE (released_at, released_by_journal)"))
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in _VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {body}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    op.execute(f"CREATE OR REPLACE VIEW audit.statement AS {_STATEMENT_VIEW}")
    op.execute("SET LOCAL ROLE mizan_owner")
