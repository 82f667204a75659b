"""Earn rules that pay no more than a budget."""

from alembic import op

from api.database.ground import grant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# Rules that were published before have none.
_COLUMNS = [
    "ALTER TABLE partners.earn_rule ADD COLUMN budget_id uuid",
    "ALTER TABLE partners.earn_rule ADD COLUMN budget_currency text",
    "ALTER TABLE partners.earn_rule ADD CONSTRAINT earn_rule_budget"
    " CHECK ((budget_id IS NULL) = (budget_currency IS NULL))",
]

_VIEW = (
    "SELECT r.network_id, r.rule_id, r.programme_id, r.partner_id, r.category, r.rate_bps,"
    " r.requires_activation, r.funding, r.starts_at, r.ends_at, r.lifetime_days, r.budget_id,"
    " r.budget_currency, r.created_at FROM partners.earn_rule r"
)


def upgrade() -> None:
    """Let a rule name a budget, and show rules to the auditor."""
    for statement in _COLUMNS:
        op.execute(statement)
    op.execute(grant("partners.earn_rule", "SELECT", "mizan_audit"))
    op.execute("SET LOCAL ROLE mizan_audit")
    op.execute(f"CREATE VIEW audit.earn_rule AS {_VIEW}")
    op.execute("GRANT SELECT ON audit.earn_rule TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
