"""The function that sums append-only balances."""

# It reads as its caller, so the caller's walls hold; being STABLE, all its statements see what the
# caller's one sees. Every journal beyond the snapshots was sealed since or may have no place yet, so
# its id lies between the least and the greatest of these. Ids are made in the order of time: the
# postings in between lie side by side and are mostly what is sought; the accounts' own are kept,
# and each of these is looked up in the order. Where an id of another time would make the range
# wide, the journals beyond are looked up one by one; a bitmap would read it all to find that out.
# ORDER BY makes the index of journals the cheapest whatever the statistics say, even none: the one
# of accounts holds the same columns, and all of the book would be read in it. OFFSET 0 keeps the
# planner from reading all postings of an account instead.
SUM_APPENDED = """
CREATE OR REPLACE FUNCTION payouts.sum_appended(p_book bigint, p_accounts uuid[])
RETURNS TABLE (account_id uuid, net numeric)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, payouts, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  v_stand record;
  v_sealed record;
  v_fresh record;
  v_first uuid;
  v_last uuid;
  v_limit bigint;
  v_read bigint;
  v_journals uuid[];
  v_accounts uuid[];
  v_amounts bigint[];
BEGIN
  SELECT coalesce(s.seq, 0) AS seq, coalesce(s.folded_seq, 0) AS folded_seq,
      CASE WHEN s.cluster = c.system_identifier THEN s.hint ELSE '0'::xid8 END AS hint,
      CASE WHEN s.cluster = c.system_identifier THEN greatest(
        pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned()
      ) ELSE '18446744073709551615'::xid8 END AS top
    INTO v_stand
    FROM pg_control_system() c LEFT JOIN payouts.sealer s ON s.book_id = p_book;
  SELECT count(*) AS journals, min(k.journal_id::text COLLATE "C")::uuid AS first,
      max(k.journal_id::text COLLATE "C")::uuid AS last INTO v_sealed
    FROM payouts.seal k
    WHERE k.book_id = p_book AND k.seq > v_stand.folded_seq AND k.seq <= v_stand.seq;
  SELECT count(*) AS journals, min(j.journal_id::text COLLATE "C")::uuid AS first,
      max(j.journal_id::text COLLATE "C")::uuid AS last INTO v_fresh
    FROM payouts.journal j
    WHERE j.book_id = p_book AND j.xid >= v_stand.hint AND j.xid <= v_stand.top;
  v_first := least(v_sealed.first, v_fresh.first);
  v_last := greatest(v_sealed.last, v_fresh.last);
  IF v_first IS NOT NULL THEN
    v_limit := 1000 + 8 * (v_sealed.journals + v_fresh.journals);
    SELECT count(*), array_agg(near.journal_id) FILTER (WHERE near.is_own),
        array_agg(near.account_id) FILTER (WHERE near.is_own),
        array_agg(near.amount) FILTER (WHERE near.is_own)
      INTO v_read, v_journals, v_accounts, v_amounts
      FROM (SELECT p.journal_id, p.account_id, p.amount, p.account_id = ANY (p_accounts) AS is_own
        FROM payouts.posting p
        WHERE p.book_id = p_book AND p.journal_id BETWEEN v_first AND v_last
        ORDER BY p.book_id, p.journal_id, p.line LIMIT v_limit) near;
    IF v_read >= v_limit THEN
      SELECT array_agg(tail.journal_id), array_agg(line.account_id), array_agg(line.amount)
        INTO v_journals, v_accounts, v_amounts
        FROM (
          SELECT k.journal_id FROM payouts.seal k
            WHERE k.book_id = p_book AND k.seq > v_stand.folded_seq AND k.seq <= v_stand.seq
          UNION ALL
          SELECT j.journal_id FROM payouts.journal j
            WHERE j.book_id = p_book AND j.xid >= v_stand.hint AND j.xid <= v_stand.top
              AND NOT EXISTS (SELECT 1 FROM payouts.seal k
                WHERE k.book_id = p_book AND k.journal_id = j.journal_id OFFSET 0)
        ) tail
        CROSS JOIN LATERAL (SELECT p.account_id, p.amount FROM payouts.posting p
          WHERE p.book_id = p_book AND p.journal_id = tail.journal_id OFFSET 0) line
        WHERE line.account_id = ANY (p_accounts);
    END IF;
  END IF;
  RETURN QUERY SELECT moved.account_id, sum(moved.net) FROM (
      SELECT s.account_id, s.debit - s.credit AS net FROM payouts.balance_snapshot s
        WHERE s.book_id = p_book AND s.account_id = ANY (p_accounts)
      UNION ALL
      SELECT line.account_id, line.amount FROM unnest(v_journals, v_accounts, v_amounts)
          AS line (journal_id, account_id, amount)
        WHERE NOT EXISTS (SELECT 1 FROM payouts.seal k WHERE k.book_id = p_book
          AND k.journal_id = line.journal_id AND k.seq <= v_stand.folded_seq OFFSET 0)
    ) moved
    GROUP BY moved.account_id;
END $$
"""
