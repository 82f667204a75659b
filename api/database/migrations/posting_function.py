"""The one function that posts: many journals at once, each judged on its own.

It takes the journals as arrays, one element for each, and their lines as arrays beside them, whose
`p_items` say to which journal (from 1) a line belongs. It answers for each journal 'posted',
'replayed', or the SQLSTATE of what was wrong with it; whatever it answers, a journal never fails
its neighbours. The outcome is that of posting them one after the other in the order given.

SQLSTATEs beside those in `ledger_functions`: MZ014 reversal of a reversal, MZ015 more reversed than
was posted, MZ016 unknown journal to reverse or restore, MZ017 amount or balance beyond 64 bits,
MZ018 lots do not cover a balance.
"""

from api.database.migrations.lot_functions import COUNT_REVERSAL, MOVE_LOTS
from api.database.migrations.posting_steps import (
    ENTER_PERIODS,
    JUDGE,
    LOCK_BALANCES,
    READ_ACCOUNTS,
    READ_JOURNALS,
    READ_KEYS,
)

_GUARD = """
  IF p_book IS DISTINCT FROM nullif(current_setting('app.network_id', true), '')::bigint THEN
    RAISE EXCEPTION 'the ledger of another network' USING ERRCODE = 'MZ001';
  END IF;
"""

OPTIONS = """
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, payouts, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
"""

# The same key, committed after the look-up: only lines that lock nothing let that happen with an
# equal request. Any other case starts again, and then finds it.
_FIND_LOST = """
    FOR v_lost IN
      SELECT x.item, k.journal_id, h.request_hash
        FROM unnest(p_keys, p_journals, v_outcomes) WITH ORDINALITY AS x (key, own, outcome, item)
        CROSS JOIN LATERAL (SELECT q.journal_id FROM payouts.journal_key q
          WHERE q.book_id = p_book AND q.ledger_key = x.key OFFSET 0) k
        LEFT JOIN LATERAL (SELECT j.request_hash FROM payouts.journal j
          WHERE j.book_id = p_book AND j.journal_id = k.journal_id OFFSET 0) h ON true
        WHERE x.outcome = 'posted' AND k.journal_id <> x.own
    LOOP
      IF v_lost.item = ANY (v_move_items) OR p_reverses[v_lost.item] IS NOT NULL
          OR v_has_doubles THEN
        RAISE EXCEPTION 'a key was used meanwhile' USING ERRCODE = '40001';
      END IF;
      v_ids[v_lost.item] := v_lost.journal_id;
      v_outcomes[v_lost.item] :=
        CASE WHEN v_lost.request_hash = v_hashes[v_lost.item] THEN 'replayed' ELSE 'MZ008' END;
      v_posted := v_posted - 1;
      v_lines := v_lines - v_sizes[v_lost.item];
    END LOOP;
    IF v_written <> v_posted THEN
      RAISE EXCEPTION '% of % keys written', v_written, v_posted USING ERRCODE = 'MZ009';
    END IF;
"""

_WRITE = f"""
  IF v_moves > 0 THEN
    UPDATE payouts.balance b
      SET debit = d.debit::bigint, credit = d.credit::bigint, version = b.version + d.journals
      FROM unnest(v_accounts, v_debits, v_credits, v_counts)
        AS d (account_id, debit, credit, journals)
      WHERE b.book_id = p_book AND b.account_id = d.account_id AND d.journals > 0;
  END IF;
  INSERT INTO payouts.journal_key (book_id, ledger_key, network_id, journal_id)
    SELECT p_book, x.key, v_network, x.journal_id
      FROM unnest(p_journals, p_keys, v_outcomes) AS x (journal_id, key, outcome)
      WHERE x.outcome = 'posted'
    ON CONFLICT (book_id, ledger_key) DO NOTHING;
  GET DIAGNOSTICS v_written = ROW_COUNT;
  IF v_written <> v_posted THEN
    {_FIND_LOST}
  END IF;
  INSERT INTO payouts.journal (book_id, journal_id, network_id, kind, ledger_key, request_hash,
      effective_at, recorded_at, period, origin_period, cause_kind, cause_id, reverses, actor,
      note, lines)
    SELECT p_book, x.journal_id, v_network, x.kind, x.key, x.hash, x.effective_at, p_recorded_at,
        x.period, nullif(x.month, x.period), x.cause_kind, x.cause_id, x.reverses, x.actor,
        coalesce(x.note, '{{}}'), x.size
      FROM unnest(p_journals, p_kinds, p_keys, v_hashes, p_effective_at, v_months, v_periods,
          p_cause_kinds, p_cause_ids, p_reverses, p_actors, p_notes, v_sizes, v_outcomes)
        AS x (journal_id, kind, key, hash, effective_at, month, period, cause_kind, cause_id,
          reverses, actor, note, size, outcome)
      WHERE x.outcome = 'posted';
  GET DIAGNOSTICS v_written = ROW_COUNT;
  IF v_written <> v_posted THEN
    RAISE EXCEPTION '% of % journals written', v_written, v_posted USING ERRCODE = 'MZ009';
  END IF;
  INSERT INTO payouts.posting (book_id, journal_id, line, network_id, account_id, unit, amount,
      effective_at, recorded_at)
    SELECT p_book, p_journals[x.item], x.place - v_starts[x.item] + 1, v_network, x.account_id,
        x.unit, x.amount, p_effective_at[x.item], p_recorded_at
      FROM unnest(p_items, p_accounts, p_units, p_amounts)
        WITH ORDINALITY AS x (item, account_id, unit, amount, place)
      WHERE v_outcomes[x.item] = 'posted';
  GET DIAGNOSTICS v_written = ROW_COUNT;
  IF v_written <> v_lines THEN
    RAISE EXCEPTION '% of % lines written', v_written, v_lines USING ERRCODE = 'MZ009';
  END IF;
  IF cardinality(v_lot_moves) > 0 THEN
    PERFORM payouts.move_lots(p_book, v_network, p_journals, v_outcomes, v_special, p_cause_kinds,
      p_cause_ids, p_effective_at, p_restores, v_lot_moves, v_move_items, v_move_ranks,
      v_move_lines, v_move_debits, v_move_credits, v_move_named, v_move_parts, v_accounts, v_own_units,
      v_part_items, v_part_accounts, v_part_numbers, v_part_grants, p_part_amounts,
      p_part_origin_kinds, p_part_origin_ids, p_part_funders, p_part_earned_at,
      p_part_expires_at, p_part_lapses_to);
  END IF;
"""

POST_JOURNALS = f"""
CREATE OR REPLACE FUNCTION payouts.post_journals(
  p_book bigint, p_recorded_at timestamptz, p_journals uuid[], p_kinds text[], p_keys text[],
  p_effective_at timestamptz[], p_cause_kinds text[], p_cause_ids text[], p_reverses uuid[],
  p_restores uuid[], p_actors text[], p_notes jsonb[],
  p_items int[], p_accounts uuid[], p_units text[], p_amounts bigint[],
  p_part_lines int[], p_part_amounts bigint[], p_part_origin_kinds text[],
  p_part_origin_ids text[], p_part_funders text[], p_part_earned_at timestamptz[],
  p_part_expires_at timestamptz[], p_part_lapses_to text[]
) RETURNS TABLE (item int, journal_id uuid, outcome text) {OPTIONS} AS $$
#variable_conflict use_column
DECLARE
  v_count int := cardinality(p_journals);
  v_network bigint;
  v_zone text;
  -- of each journal
  v_starts int[];  -- its first line
  v_sizes int[];
  v_faults text[];
  v_hashes bytea[];
  v_months date[];
  v_periods date[];
  v_ids uuid[];
  v_found_hashes bytea[];
  v_outcomes text[];
  v_firsts int[];  -- where keys occur twice: the first journal with its key
  v_winners int[];  -- by that, the one that was posted
  v_has_doubles boolean;
  v_are_found boolean;
  v_special int[] := '{{}}';  -- journals that take from lots or give back to them
  v_is_special boolean := false;
  -- of each month that is entered
  v_months_entered date[] := '{{}}';
  v_landings date[] := '{{}}';
  -- of each line, and of each of its parts
  v_ranks int[];  -- its account's place among the accounts
  v_part_items int[];
  v_part_accounts uuid[];
  v_part_numbers int[];
  v_part_grants boolean[];
  -- of each account
  v_accounts uuid[];
  v_own_units text[];
  v_are_open boolean[];
  v_normals smallint[];
  v_are_floored boolean[];
  v_are_kept boolean[];
  v_have_lots boolean[];
  v_are_moved boolean[];
  v_latest int[];  -- the latest move of it
  v_debits numeric[];
  v_credits numeric[];
  v_held bigint[];  -- less its limit, where it has one
  v_counts int[];
  v_is_new boolean;
  v_has_limits boolean;
  v_is_missing boolean;
  -- of each move: what one journal does to one account whose balance is kept
  v_moves int := 0;
  v_move_items int[];
  v_move_ranks int[];
  v_move_lines int[];
  v_move_debits numeric[];
  v_move_credits numeric[];
  v_move_named numeric[];
  v_move_parts int[];  -- the first part of its first line that has any
  v_lot_moves int[] := '{{}}';
  v_account uuid;
  v_unit text;
  v_amount bigint;
  v_named numeric;
  v_sum numeric;
  v_is_mixed boolean;
  v_told_accounts text;
  v_told_units text;
  v_told_amounts text;
  v_told_parts text;
  v_month date;
  v_landing date;
  v_status text;
  v_at int := 1;
  v_part int := 1;
  v_first int;
  v_rank int;
  v_move int;
  v_winner int;
  v_fault text;
  v_reversed uuid;
  v_debit numeric;
  v_credit numeric;
  v_posted int := 0;
  v_lines int := 0;
  v_written int;
  v_lost record;
BEGIN
  {_GUARD}
  SELECT b.network_id, b.zone INTO v_network, v_zone FROM payouts.book b WHERE b.book_id = p_book;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'book % is not open', p_book USING ERRCODE = 'MZ001';
  END IF;
  IF v_count IS NULL OR v_count = 0 THEN
    RETURN;
  END IF;
  {READ_ACCOUNTS}
  {READ_JOURNALS}
  {ENTER_PERIODS}
  {LOCK_BALANCES}
  {READ_KEYS}
  {JUDGE}
  IF v_posted > 0 THEN
    {_WRITE}
  END IF;
  RETURN QUERY SELECT x.item::int, x.journal_id, x.outcome
    FROM unnest(v_ids, v_outcomes) WITH ORDINALITY AS x (journal_id, outcome, item);
END $$
"""

_POST_JOURNALS_SIGNATURE = (
    "bigint, timestamptz, uuid[], text[], text[], timestamptz[], text[], text[], uuid[], uuid[],"
    " text[], jsonb[], int[], uuid[], text[], bigint[], int[], bigint[], text[], text[], text[],"
    " timestamptz[], timestamptz[], text[]"
)

FUNCTIONS = [
    COUNT_REVERSAL,
    MOVE_LOTS,
    POST_JOURNALS,
    f"GRANT EXECUTE ON FUNCTION payouts.post_journals({_POST_JOURNALS_SIGNATURE}) TO mizan_app",
]
