"""Exact snapshots of append-only balances, and budgets that are spent in slices."""

from alembic import op

from api.database.ground import grant, wall
from api.database.migrations.sealing_function import SEAL_JOURNALS

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Sums are numeric: two postings of 2^63 - 1 must not stop a book from being folded ever again.
_SNAPSHOT = """
    CREATE TABLE payouts.balance_snapshot (
      book_id bigint NOT NULL,
      account_id uuid NOT NULL,
      network_id bigint NOT NULL,
      debit numeric(38, 0) NOT NULL CONSTRAINT balance_snapshot_debit CHECK (debit >= 0),
      credit numeric(38, 0) NOT NULL CONSTRAINT balance_snapshot_credit CHECK (credit >= 0),
      CONSTRAINT balance_snapshot_pkey PRIMARY KEY (book_id, account_id)
    ) WITH (fillfactor = 70)
    """
_SNAPSHOT_ACCOUNT = (
    "ALTER TABLE payouts.balance_snapshot ADD CONSTRAINT balance_snapshot_account_fkey"
    " FOREIGN KEY (book_id, account_id) REFERENCES payouts.account (book_id, account_id)"
)

_BUDGET = """
    CREATE TABLE payouts.budget (
      network_id bigint NOT NULL,
      budget_id uuid NOT NULL,
      unit varchar(16) NOT NULL,
      cap bigint NOT NULL CONSTRAINT budget_cap CHECK (cap > 0),
      slices smallint NOT NULL CONSTRAINT budget_slices CHECK (slices BETWEEN 1 AND 64),
      created_at timestamptz NOT NULL,
      CONSTRAINT budget_pkey PRIMARY KEY (network_id, budget_id)
    )
    """

_FOLD = """
CREATE FUNCTION payouts.fold_balances(p_book bigint, p_limit bigint)
RETURNS TABLE (folded_seq bigint, folded bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, payouts, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
DECLARE
  v_sealer record;
  v_to bigint;
BEGIN
  IF p_book IS DISTINCT FROM nullif(current_setting('app.network_id', true), '')::bigint THEN
    RAISE EXCEPTION 'the ledger of another network' USING ERRCODE = 'MZ001';
  END IF;
  IF p_limit IS NULL OR p_limit < 1 THEN
    RAISE EXCEPTION 'a fold is of one journal at least' USING ERRCODE = 'MZ002';
  END IF;
  -- The sealer's row is the lock: the order stands still while it is folded.
  SELECT s.network_id, s.seq, s.folded_seq INTO v_sealer FROM payouts.sealer s
    WHERE s.book_id = p_book FOR NO KEY UPDATE;
  IF NOT FOUND OR v_sealer.folded_seq >= v_sealer.seq THEN
    RETURN QUERY SELECT coalesce(v_sealer.folded_seq, 0), 0::bigint;
    RETURN;
  END IF;
  v_to := least(v_sealer.seq, v_sealer.folded_seq + p_limit);
  INSERT INTO payouts.balance_snapshot AS own (book_id, account_id, network_id, debit, credit)
    SELECT p_book, moved.account_id, v_sealer.network_id, moved.debit, moved.credit
      FROM (
        SELECT line.account_id, sum(greatest(line.amount, 0)::numeric) AS debit,
            sum(greatest(-line.amount::numeric, 0)) AS credit
          FROM payouts.seal k
          CROSS JOIN LATERAL (SELECT p.account_id, p.amount FROM payouts.posting p
            WHERE p.book_id = p_book AND p.book_id = k.book_id AND p.journal_id = k.journal_id
            OFFSET 0) line
          WHERE k.book_id = p_book AND k.seq > v_sealer.folded_seq AND k.seq <= v_to
          GROUP BY line.account_id
      ) moved
      CROSS JOIN LATERAL (SELECT a.type FROM payouts.account a
        WHERE a.book_id = p_book AND a.account_id = moved.account_id OFFSET 0) a
      JOIN payouts.account_type t ON t.type = a.type AND t.mode = 'append'
      ORDER BY moved.account_id
    ON CONFLICT (book_id, account_id) DO UPDATE
      SET debit = own.debit + excluded.debit, credit = own.credit + excluded.credit;
  UPDATE payouts.sealer s SET folded_seq = v_to WHERE s.book_id = p_book;
  RETURN QUERY SELECT v_to, v_to - v_sealer.folded_seq;
END $$
"""

# What was locked in a block that ends in an exception is unlocked with it: whoever finds too
# little here holds nothing, and may lock more than this account without a deadlock.
_LOCK_COVERAGE = """
CREATE FUNCTION payouts.lock_coverage(p_book bigint, p_account uuid, p_amount bigint)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, payouts, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
DECLARE
  v_normal smallint;
  v_available numeric;
BEGIN
  IF p_book IS DISTINCT FROM nullif(current_setting('app.network_id', true), '')::bigint THEN
    RAISE EXCEPTION 'the ledger of another network' USING ERRCODE = 'MZ001';
  END IF;
  SELECT t.normal INTO v_normal FROM payouts.account a
    JOIN payouts.account_type t ON t.type = a.type AND t.mode = 'sync'
    WHERE a.book_id = p_book AND a.account_id = p_account;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'account % keeps no balance', p_account USING ERRCODE = 'MZ004';
  END IF;
  BEGIN
    SELECT (b.debit::numeric - b.credit) * v_normal - b.held INTO v_available
      FROM payouts.balance b WHERE b.book_id = p_book AND b.account_id = p_account
      FOR NO KEY UPDATE;
    IF coalesce(v_available, 0) < p_amount THEN
      RAISE EXCEPTION 'balance of account % is too low', p_account USING ERRCODE = 'MZ007';
    END IF;
    RETURN true;
  EXCEPTION WHEN SQLSTATE 'MZ007' THEN
    RETURN false;
  END;
END $$
"""

_CHART = """
    budget_granted 9200 memo_debit 1 none append campaign
    budget 9210 memo_credit -1 nonneg sync campaign
    budget_spent 9220 memo_credit -1 none append campaign
    """

_VIEWS = {
    "balance_snapshot": "SELECT b.book_id, b.network_id, b.account_id, a.type AS account_type,"
    " a.owner_kind, a.owner_id, a.unit, b.debit, b.credit FROM payouts.balance_snapshot b"
    " LEFT JOIN payouts.account a ON a.book_id = b.book_id AND a.account_id = b.account_id",
    "sealer": "SELECT s.book_id, s.network_id, s.seq, s.folded_seq FROM payouts.sealer s",
    "budget": "SELECT b.network_id, b.budget_id, b.unit, b.cap, b.slices, b.created_at"
    " FROM payouts.budget b",
}


def upgrade() -> None:
    """Create snapshots with the function that alone moves them, and budgets with their wall.

    Books that exist start at position 0: what is not folded is read from the postings, so their
    balances are exact from the first moment and get quicker as the worker folds.
    """
    op.execute(
        "ALTER TABLE payouts.sealer ADD COLUMN folded_seq bigint NOT NULL DEFAULT 0"
        " CONSTRAINT sealer_folded CHECK (folded_seq BETWEEN 0 AND seq)"
    )
    op.execute(_SNAPSHOT)
    op.execute(_SNAPSHOT_ACCOUNT)
    op.execute(_BUDGET)
    for statement in wall("payouts.balance_snapshot", key="book_id"):
        op.execute(statement)
    for statement in wall("payouts.budget", owners=()):
        op.execute(statement)
    for role in ("mizan_app", "mizan_ledger", "mizan_audit"):
        op.execute(grant("payouts.balance_snapshot", "SELECT", role))
    op.execute(grant("payouts.balance_snapshot", "INSERT, UPDATE (debit, credit)", "mizan_ledger"))
    op.execute(grant("payouts.sealer", "UPDATE (folded_seq)", "mizan_ledger"))
    op.execute(grant("payouts.budget", "SELECT, INSERT, UPDATE (cap)"))
    op.execute(grant("payouts.budget", "SELECT", "mizan_audit"))
    for line in _CHART.strip().splitlines():
        kind, gl_code, class_, normal, floor, mode, owner_kind = line.split()
        op.execute(
            "INSERT INTO payouts.account_type"
            " (type, gl_code, class, normal, floor, mode, owner_kind)"
            f" VALUES ('{kind}', '{gl_code}', '{class_}', {normal}, '{floor}', '{mode}',"
            f" '{owner_kind}')"
        )
    _make_functions()
    _show()


def _make_functions() -> None:
    op.execute("GRANT CREATE ON SCHEMA payouts TO mizan_ledger")
    op.execute("SET LOCAL ROLE mizan_ledger")
    op.execute(_FOLD)
    op.execute(_LOCK_COVERAGE)
    op.execute(SEAL_JOURNALS)
    for one in ("fold_balances(bigint, bigint)", "lock_coverage(bigint, uuid, bigint)"):
        op.execute(f"GRANT EXECUTE ON FUNCTION payouts.{one} TO mizan_app")
    op.execute("SET LOCAL ROLE mizan_owner")
    op.execute("REVOKE CREATE ON SCHEMA payouts FROM mizan_ledger")


def _show() -> None:
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in _VIEWS.items():
        op.execute(f"CREATE OR REPLACE VIEW audit.{name} AS {body}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
