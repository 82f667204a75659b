"""How long earned value lives, and who gets what nobody spent."""

from alembic import op

from api.database.ground import grant
from api.database.migrations.audit_views import EARNING_VIEWS

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Every column has a constant for the rows of before: their value has no end, and none of it
# lapsed.
_COLUMNS = [
    "ALTER TABLE partners.earn_rule ADD COLUMN lifetime_days integer"
    " CONSTRAINT earn_rule_lifetime CHECK (lifetime_days BETWEEN 1 AND 36500)",
    "ALTER TABLE partners.agreement ADD COLUMN unspent_to text NOT NULL DEFAULT 'network'"
    " CONSTRAINT agreement_unspent_to CHECK (unspent_to IN ('network', 'funder'))",
    "ALTER TABLE partners.accrual ADD COLUMN expires_at timestamptz",
    "ALTER TABLE partners.accrual ADD CONSTRAINT accrual_expires CHECK (expires_at > available_at)",
    "ALTER TABLE partners.accrual ADD COLUMN unspent_to text NOT NULL DEFAULT 'network'"
    " CONSTRAINT accrual_unspent_to CHECK (unspent_to IN ('network', 'funder'))",
    "ALTER TABLE partners.accrual ADD COLUMN cashback_expired bigint NOT NULL DEFAULT 0",
    "ALTER TABLE partners.accrual ADD CONSTRAINT accrual_expired"
    " CHECK (cashback_expired BETWEEN 0 AND cashback - cashback_reversed)",
    "ALTER TABLE partners.accrual_share ADD COLUMN expired bigint NOT NULL DEFAULT 0",
    "ALTER TABLE partners.accrual_share ADD CONSTRAINT accrual_share_expired"
    " CHECK (expired BETWEEN 0 AND amount - reversed)",
]

# The worker asks every half minute what is past its end.
_BY_END = (
    "CREATE INDEX lot_by_end ON payouts.lot (book_id, expires_at, lot_id)"
    " WHERE remaining > 0 AND expires_at IS NOT NULL"
)

# What an account has of each lot stays as it is while its balance is locked.
_LOCK_BALANCES = """
CREATE FUNCTION payouts.lock_balances(p_book bigint, p_accounts uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, payouts, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
BEGIN
  IF p_book IS DISTINCT FROM nullif(current_setting('app.network_id', true), '')::bigint THEN
    RAISE EXCEPTION 'the ledger of another network' USING ERRCODE = 'MZ001';
  END IF;
  PERFORM 1 FROM payouts.balance b
    WHERE b.book_id = p_book AND b.account_id = ANY (p_accounts)
    ORDER BY b.account_id FOR NO KEY UPDATE;
END $$
"""

_VIEWS = {
    "accrual": ("a.expires_at, a.unspent_to, a.cashback_expired", "partners.accrual a"),
    "accrual_share": ("s.expired", "partners.accrual_share s"),
}


def upgrade() -> None:
    """Give rules a lifetime, agreements a taker of what lapses, and accruals what lapsed."""
    for statement in _COLUMNS:
        op.execute(statement)
    op.execute(_BY_END)
    op.execute(grant("partners.accrual", "UPDATE (cashback_expired)"))
    op.execute(grant("partners.accrual_share", "UPDATE (expired)"))
    op.execute("GRANT CREATE ON SCHEMA payouts TO mizan_ledger")
    op.execute("SET LOCAL ROLE mizan_ledger")
    op.execute(_LOCK_BALANCES)
    op.execute("GRANT EXECUTE ON FUNCTION payouts.lock_balances(bigint, uuid[]) TO mizan_app")
    op.execute("SET LOCAL ROLE mizan_owner")
    op.execute("REVOKE CREATE ON SCHEMA payouts FROM mizan_ledger")
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, (columns, relation) in _VIEWS.items():
        earlier = EARNING_VIEWS[name].removesuffix(f" FROM {relation}")
        op.execute(f"CREATE OR REPLACE VIEW audit.{name} AS {earlier}, {columns} FROM {relation}")
    op.execute("SET LOCAL ROLE mizan_owner")
