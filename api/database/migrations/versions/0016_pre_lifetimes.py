"""How long earned value lives, and who gets what nobody spent."""

from alembic import op
from sqlalchemy import text

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

# Of before lots were kept, a member's pending value is one lot of no accrual. Pending value is
# known by accrual and funder, so each gets its own; what was available has mixed for good.
_PENDING = """
    INSERT INTO payouts.lot (book_id, lot_id, network_id, account_id, unit, amount, remaining,
      origin_kind, origin_id, funder, earned_at, lapses_to, journal_id, line)
    SELECT p.book_id, md5(concat_ws(':', a.accrual_id, s.line))::uuid, a.network_id, p.account_id,
      p.unit, s.amount - s.reversed, s.amount - s.reversed, 'accrual', a.accrual_id::text,
      coalesce('partner:' || s.partner_id, 'network'), a.earned_at, 'network', p.journal_id, p.line
    FROM partners.accrual a
    JOIN partners.accrual_share s
      ON s.network_id = a.network_id AND s.accrual_id = a.accrual_id AND s.amount > s.reversed
    JOIN payouts.posting p ON p.book_id = a.network_id AND p.journal_id = a.pending_journal_id
    JOIN payouts.account c ON c.book_id = p.book_id AND c.account_id = p.account_id
      AND c.type = 'member_pending'
    WHERE a.state = 'pending' AND EXISTS (SELECT FROM payouts.lot l WHERE l.book_id = p.book_id
      AND l.account_id = p.account_id AND l.origin_kind = 'opening' AND l.remaining > 0)
      AND NOT EXISTS (SELECT FROM payouts.lot l WHERE l.book_id = p.book_id
        AND l.origin_kind = 'accrual' AND l.origin_id = a.accrual_id::text)
    """
_OPENING = """
    SELECT l.book_id, l.lot_id, l.remaining, b.credit - b.debit AS posted, (
        SELECT coalesce(sum(o.remaining), 0) FROM payouts.lot o
        WHERE o.book_id = l.book_id AND o.account_id = l.account_id AND o.lot_id <> l.lot_id
      ) AS named
    FROM payouts.lot l
    JOIN payouts.account c ON c.book_id = l.book_id AND c.account_id = l.account_id
      AND c.type = 'member_pending'
    JOIN payouts.balance b ON b.book_id = l.book_id AND b.account_id = l.account_id
    WHERE l.origin_kind = 'opening' AND l.remaining > 0
    """
_FORGET = "DELETE FROM payouts.lot WHERE book_id = :book AND lot_id = :lot"
_LOWER = (
    "UPDATE payouts.lot SET amount = amount - remaining + :rest, remaining = :rest"
    " WHERE book_id = :book AND lot_id = :lot"
)

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
  -- Rows that somebody makes while we wait would be missed, and locked later, out of order.
  INSERT INTO payouts.balance (book_id, account_id, network_id)
    SELECT a.book_id, a.account_id, a.network_id FROM payouts.account a
      JOIN payouts.account_type t ON t.type = a.type AND t.mode = 'sync'
      WHERE a.book_id = p_book AND a.account_id = ANY (p_accounts) AND NOT EXISTS (
        SELECT 1 FROM payouts.balance b
          WHERE b.book_id = p_book AND b.account_id = a.account_id)
      ORDER BY a.account_id
    ON CONFLICT (book_id, account_id) DO NOTHING;
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
    # The owner stands before the walls like everybody; only this role sees all networks' rows.
    op.execute("SET LOCAL ROLE mizan_migrator")
    _name_pending_lots()
    op.execute("SET LOCAL ROLE mizan_owner")
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


def _name_pending_lots() -> None:
    db = op.get_bind()
    db.execute(text(_PENDING))
    for one in db.execute(text(_OPENING)).all():
        rest = one.posted - one.named
        if not 0 <= rest <= one.remaining:
            raise RuntimeError(f"lot {one.lot_id} of book {one.book_id} would be left with {rest}")
        place = {"book": one.book_id, "lot": one.lot_id}
        if rest:
            db.execute(text(_LOWER), {**place, "rest": rest})
        elif db.execute(text(_FORGET), place).rowcount != 1:
            raise RuntimeError(f"lot {one.lot_id} of book {one.book_id} is not there")
