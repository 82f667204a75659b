"""Changes of where a payee's money goes: on notice, for two persons, and capped at first."""

from alembic import op

from api.database.ground import grant, wall
from api.database.migrations.audit_views import VIEWS

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_STATES = (
    "'pending_approval', 'held', 'scheduled', 'waiting_funds', 'submitting', 'unknown',"
    " 'transferred', 'in_transit', 'paid', 'returning', 'returned', 'failed', 'cancelled'"
)

# Where the money of payees of before goes was agreed to when they were connected.
_COLUMNS = [
    "ALTER TABLE payouts.payee ADD COLUMN offered_hash text"
    " CONSTRAINT payee_offered CHECK (length(offered_hash) <= 64)",
    "ALTER TABLE payouts.payout ADD COLUMN released_by text"
    " CONSTRAINT payout_releaser CHECK (length(released_by) <= 255)",
    "ALTER TABLE payouts.payout ADD CONSTRAINT payout_released_by_another"
    " CHECK (released_by <> requested_by)",
    "ALTER TABLE payouts.payout DROP CONSTRAINT payout_state",
    f"ALTER TABLE payouts.payout ADD CONSTRAINT payout_state CHECK (state IN ({_STATES}))",
    "ALTER TABLE payouts.payout_policy ADD COLUMN first_payout_cap bigint"
    " CONSTRAINT payout_policy_first CHECK (first_payout_cap >= 0)",
]

_TABLES = [
    """
    CREATE TABLE payouts.destination_change (
      network_id bigint NOT NULL,
      change_id uuid NOT NULL,
      payee_id uuid NOT NULL,
      partner_id uuid,
      member_id uuid,
      old_hash text NOT NULL CONSTRAINT destination_change_old CHECK (length(old_hash) <= 64),
      new_hash text NOT NULL CONSTRAINT destination_change_new CHECK (length(new_hash) <= 64),
      state text NOT NULL CONSTRAINT destination_change_state
        CHECK (state IN ('proposed', 'approved', 'refused', 'withdrawn', 'in_force')),
      proposed_by text NOT NULL
        CONSTRAINT destination_change_maker CHECK (length(proposed_by) <= 255),
      proposed_at timestamptz NOT NULL,
      effective_at timestamptz NOT NULL,
      decided_by text CONSTRAINT destination_change_checker CHECK (length(decided_by) <= 255),
      decided_at timestamptz,
      in_force_at timestamptz,
      CONSTRAINT destination_change_pkey PRIMARY KEY (network_id, change_id),
      CONSTRAINT destination_change_four_eyes CHECK (decided_by <> proposed_by),
      CONSTRAINT destination_change_owner CHECK (num_nonnulls(partner_id, member_id) = 1),
      CONSTRAINT destination_change_notice CHECK (
        effective_at >= proposed_at
        AND (state = 'in_force') = (in_force_at IS NOT NULL) AND in_force_at >= effective_at),
      CONSTRAINT destination_change_decided CHECK (
        (decided_by IS NULL) = (decided_at IS NULL)
        AND CASE state WHEN 'proposed' THEN decided_by IS NULL
          WHEN 'withdrawn' THEN true ELSE decided_by IS NOT NULL END)
    )
    """,
    "CREATE INDEX destination_change_by_payee"
    " ON payouts.destination_change (network_id, payee_id, change_id)",
    "CREATE UNIQUE INDEX destination_change_open"
    " ON payouts.destination_change (network_id, payee_id)"
    " WHERE state IN ('proposed', 'approved')",
    """
    CREATE TABLE payouts.destination_policy (
      network_id bigint NOT NULL,
      policy_id uuid NOT NULL,
      cooldown_seconds integer NOT NULL
        CONSTRAINT destination_policy_cooldown CHECK (cooldown_seconds BETWEEN 0 AND 2592000),
      published_by text NOT NULL
        CONSTRAINT destination_policy_publisher CHECK (length(published_by) <= 255),
      published_at timestamptz NOT NULL,
      CONSTRAINT destination_policy_pkey PRIMARY KEY (network_id, policy_id)
    )
    """,
]

_WALLS = {
    "destination_change": (
        ("partner_id", "member_id"),
        "SELECT, INSERT, UPDATE (old_hash, new_hash, state, decided_by, decided_at, in_force_at)",
    ),
    "destination_policy": ((), "SELECT, INSERT"),
}

_VIEWS = {
    "destination_change": "SELECT c.network_id, c.change_id, c.payee_id, c.partner_id, c.member_id,"
    " c.old_hash, c.new_hash, c.state, c.proposed_by, c.proposed_at, c.effective_at, c.decided_by,"
    " c.decided_at, c.in_force_at FROM payouts.destination_change c",
    "destination_policy": "SELECT p.network_id, p.policy_id, p.cooldown_seconds, p.published_by,"
    " p.published_at FROM payouts.destination_policy p",
}


def upgrade() -> None:
    """Create changes of destination and their policy, and what holds and releases payouts."""
    for statement in _COLUMNS + _TABLES:
        op.execute(statement)
    op.execute(grant("payouts.payee", "UPDATE (offered_hash)"))
    op.execute(grant("payouts.payout", "UPDATE (released_by)"))
    for name, (owners, privileges) in _WALLS.items():
        for statement in wall(f"payouts.{name}", owners=owners):
            op.execute(statement)
        op.execute(grant(f"payouts.{name}", privileges))
        op.execute(grant(f"payouts.{name}", "SELECT", "mizan_audit"))
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in _VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {body}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    # A view takes further columns at its end.
    released = VIEWS["payout"].replace(" p.paid_at FROM", " p.paid_at, p.released_by FROM")
    op.execute(f"CREATE OR REPLACE VIEW audit.payout AS {released}")
    op.execute("SET LOCAL ROLE mizan_owner")
