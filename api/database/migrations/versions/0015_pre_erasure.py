"""Members who asked to be forgotten, and finding what took a journal back."""

from alembic import op

from api.database.ground import grant, wall

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_MEMBER = [
    "ALTER TABLE partners.member ADD COLUMN erased_at timestamptz",
    "ALTER TABLE partners.member DROP CONSTRAINT member_state",
    "ALTER TABLE partners.member ADD CONSTRAINT member_state"
    " CHECK (state IN ('active', 'closed', 'erased'))",
    "ALTER TABLE partners.member ADD CONSTRAINT member_erased"
    " CHECK ((state = 'erased') = (erased_at IS NOT NULL))",
]
_ERASURE = """
    CREATE TABLE partners.member_erasure (
      network_id bigint NOT NULL,
      member_id uuid NOT NULL,
      erased_by text NOT NULL CONSTRAINT member_erasure_actor
        CHECK (length(erased_by) BETWEEN 1 AND 255),
      reason text NOT NULL CONSTRAINT member_erasure_reason
        CHECK (length(reason) BETWEEN 1 AND 1000),
      erased_at timestamptz NOT NULL,
      CONSTRAINT member_erasure_pkey PRIMARY KEY (network_id, member_id)
    )
    """
_INDEXES = [
    "CREATE INDEX webhook_inbox_by_account ON payouts.webhook_inbox (account_id)"
    " WHERE account_id IS NOT NULL",
    "CREATE INDEX journal_by_reversal ON payouts.journal (book_id, reverses)"
    " WHERE reverses IS NOT NULL",
]
_GRANTS = {
    "partners.member": "UPDATE (external_id, erased_at)",
    "partners.member_erasure": "SELECT, INSERT",
    "payouts.payee": "DELETE",
    "payouts.payout_attempt": "UPDATE (account_id)",
    "payouts.webhook_inbox": "UPDATE (account_id, object_id)",
}
_VIEW = (
    "SELECT e.network_id, e.member_id, e.erased_by, e.reason, e.erased_at"
    " FROM partners.member_erasure e"
)


def upgrade() -> None:
    """Let members be erased, and keep who did it, when and why."""
    for statement in (*_MEMBER, _ERASURE, *_INDEXES):
        op.execute(statement)
    for statement in wall("partners.member_erasure", owners=()):
        op.execute(statement)
    for table, privileges in _GRANTS.items():
        op.execute(grant(table, privileges))
    op.execute(grant("partners.member_erasure", "SELECT", "mizan_audit"))
    op.execute("SET LOCAL ROLE mizan_audit")
    op.execute(f"CREATE VIEW audit.member_erasure AS {_VIEW}")
    op.execute("GRANT SELECT ON audit.member_erasure TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
