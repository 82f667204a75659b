"""Sealing that looks at what is new alone, also after a restore into another cluster.

There the journals of before carry transaction ids that the new cluster has not reached yet, so
they are never below the hint: without an upper bound every pass would look at all of them again.
"""

SEAL_JOURNALS = """
CREATE OR REPLACE FUNCTION payouts.seal_journals(p_book bigint, p_sealed_at timestamptz)
RETURNS TABLE (last_seq bigint, sealed bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, payouts, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
DECLARE
  v_sealer record;
  v_network bigint;
  v_cluster bigint;
  v_hint xid8;
  v_top xid8;
  v_sealed bigint;
BEGIN
  IF p_book IS DISTINCT FROM nullif(current_setting('app.network_id', true), '')::bigint THEN
    RAISE EXCEPTION 'the ledger of another network' USING ERRCODE = 'MZ001';
  END IF;
  SELECT b.network_id INTO v_network FROM payouts.book b WHERE b.book_id = p_book;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'book % is not open', p_book USING ERRCODE = 'MZ001';
  END IF;
  INSERT INTO payouts.sealer (book_id, network_id) VALUES (p_book, v_network)
    ON CONFLICT (book_id) DO NOTHING;
  SELECT s.seq, s.cluster, s.hint INTO v_sealer FROM payouts.sealer s
    WHERE s.book_id = p_book FOR UPDATE;
  SELECT c.system_identifier INTO v_cluster FROM pg_control_system() c;
  v_hint := pg_snapshot_xmin(pg_current_snapshot());
  v_top := greatest(
    pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned());
  IF v_sealer.cluster <> v_cluster THEN
    v_sealer.hint := '0';  -- restored into another cluster: look at every journal once
    v_top := '18446744073709551615';
  END IF;
  INSERT INTO payouts.seal (book_id, seq, network_id, journal_id, sealed_at)
    SELECT p_book, v_sealer.seq + row_number() OVER (ORDER BY j.journal_id), v_network,
        j.journal_id, p_sealed_at
      FROM payouts.journal j
      WHERE j.book_id = p_book AND j.xid >= v_sealer.hint AND j.xid <= v_top
        AND NOT EXISTS (SELECT 1 FROM payouts.seal k
          WHERE k.book_id = p_book AND k.journal_id = j.journal_id OFFSET 0);
  GET DIAGNOSTICS v_sealed = ROW_COUNT;
  UPDATE payouts.sealer s SET seq = v_sealer.seq + v_sealed, cluster = v_cluster, hint = v_hint
    WHERE s.book_id = p_book;
  RETURN QUERY SELECT v_sealer.seq + v_sealed, v_sealed;
END $$
"""
