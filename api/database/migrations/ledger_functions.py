"""The functions that alone write the ledger. Each refuses what would break the books.

SQLSTATEs: MZ001 another network's context, MZ002 malformed lines, MZ003 not balanced, MZ004
unknown or foreign account, MZ005 frozen or closed account, MZ006 closed period, MZ007 balance
too low, MZ008 key used for another request, MZ009 fewer lines written than given, MZ010 balance
row missing, MZ011 unknown hold, MZ012 hold cannot give that much, MZ013 unit of
another account, or of a kind that its type does not take.
"""

_OPTIONS = """
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, payouts, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
"""

_GUARD = """
  IF p_book IS DISTINCT FROM nullif(current_setting('app.network_id', true), '')::bigint THEN
    RAISE EXCEPTION 'the ledger of another network' USING ERRCODE = 'MZ001';
  END IF;
"""

_LOCK_BALANCE = """
    INSERT INTO payouts.balance (book_id, account_id, network_id)
      VALUES (p_book, {account}, v_network) ON CONFLICT (book_id, account_id) DO NOTHING;
"""

POST_JOURNAL = f"""
CREATE FUNCTION payouts.post_journal(
  p_book bigint, p_journal uuid, p_kind text, p_key text,
  p_effective_at timestamptz, p_recorded_at timestamptz,
  p_cause_kind text, p_cause_id text, p_reverses uuid, p_actor text, p_note jsonb,
  p_accounts uuid[], p_units text[], p_amounts bigint[]
) RETURNS TABLE (journal_id uuid, replayed boolean) {_OPTIONS} AS $$
DECLARE
  v_hash bytea;
  v_found record;
  v_lines int := cardinality(p_accounts);
  v_written int;
  v_network bigint;
  v_zone text;
  v_period date;
  v_origin date;
  v_status text;
  v_line record;
  v_after bigint;
BEGIN
  {_GUARD}
  v_hash := sha256(convert_to(concat_ws('|', p_kind, p_cause_kind, p_cause_id, p_reverses::text,
    p_accounts::text, p_units::text, p_amounts::text), 'UTF8'));
  SELECT j.journal_id, j.request_hash INTO v_found FROM payouts.journal j
    WHERE j.book_id = p_book AND j.ledger_key = p_key;
  IF FOUND THEN
    IF v_found.request_hash <> v_hash THEN
      RAISE EXCEPTION 'key % was used for another journal', p_key USING ERRCODE = 'MZ008';
    END IF;
    RETURN QUERY SELECT v_found.journal_id, true;
    RETURN;
  END IF;

  IF v_lines IS NULL OR v_lines < 2 OR v_lines > 1000
     OR cardinality(p_units) IS DISTINCT FROM v_lines
     OR cardinality(p_amounts) IS DISTINCT FROM v_lines
     OR array_position(p_accounts, NULL) IS NOT NULL
     OR array_position(p_units, NULL) IS NOT NULL
     OR array_position(p_amounts, NULL) IS NOT NULL
     OR array_position(p_amounts, 0::bigint) IS NOT NULL THEN
    RAISE EXCEPTION 'a journal has 2 to 1000 lines, each with an account, a unit and an amount'
      USING ERRCODE = 'MZ002';
  END IF;
  PERFORM 1 FROM unnest(p_units, p_amounts) AS line (unit, amount)
    GROUP BY line.unit HAVING sum(line.amount) <> 0;
  IF FOUND THEN
    RAISE EXCEPTION 'journal does not balance' USING ERRCODE = 'MZ003';
  END IF;

  SELECT b.network_id, b.zone INTO v_network, v_zone FROM payouts.book b WHERE b.book_id = p_book;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'book % is not open', p_book USING ERRCODE = 'MZ001';
  END IF;
  v_period := date_trunc('month', p_effective_at AT TIME ZONE v_zone)::date;
  FOR v_attempt IN 1..2 LOOP
    INSERT INTO payouts.period (book_id, network_id, period)
      SELECT p_book, v_network, v_period WHERE NOT EXISTS (
        SELECT 1 FROM payouts.period later WHERE later.book_id = p_book
          AND later.period >= v_period AND later.status = 'closed')
      ON CONFLICT (book_id, period) DO NOTHING;
    SELECT p.status INTO v_status FROM payouts.period p
      WHERE p.book_id = p_book AND p.period = v_period FOR KEY SHARE;
    EXIT WHEN v_status = 'open';
    -- A closed month takes nothing more: it lands in the month it is written in, and says so.
    EXIT WHEN v_origin IS NOT NULL;
    v_origin := v_period;
    v_period := date_trunc('month', p_recorded_at AT TIME ZONE v_zone)::date;
  END LOOP;
  IF v_status IS DISTINCT FROM 'open' THEN
    RAISE EXCEPTION 'period % is closed', v_period USING ERRCODE = 'MZ006';
  END IF;

  INSERT INTO payouts.journal (book_id, journal_id, network_id, kind, ledger_key, request_hash,
      effective_at, recorded_at, period, origin_period, cause_kind, cause_id, reverses, actor,
      note, lines)
    VALUES (p_book, p_journal, v_network, p_kind, p_key, v_hash, p_effective_at, p_recorded_at,
      v_period, v_origin, p_cause_kind, p_cause_id, p_reverses, p_actor,
      coalesce(p_note, '{{}}'), v_lines)
    ON CONFLICT (book_id, ledger_key) DO NOTHING;
  IF NOT FOUND THEN  -- somebody else committed the same key meanwhile
    SELECT j.journal_id, j.request_hash INTO v_found FROM payouts.journal j
      WHERE j.book_id = p_book AND j.ledger_key = p_key;
    IF v_found.request_hash <> v_hash THEN
      RAISE EXCEPTION 'key % was used for another journal', p_key USING ERRCODE = 'MZ008';
    END IF;
    RETURN QUERY SELECT v_found.journal_id, true;
    RETURN;
  END IF;

  FOR v_line IN
    SELECT line.account_id, line.unit, a.unit AS own_unit, a.status
      FROM unnest(p_accounts, p_units) AS line (account_id, unit)
      LEFT JOIN LATERAL (SELECT x.unit, x.status FROM payouts.account x
        WHERE x.book_id = p_book AND x.account_id = line.account_id OFFSET 0) a ON true
  LOOP
    IF v_line.own_unit IS NULL THEN
      RAISE EXCEPTION 'account % is not of this book', v_line.account_id USING ERRCODE = 'MZ004';
    ELSIF v_line.own_unit <> v_line.unit THEN
      RAISE EXCEPTION 'account % is in %', v_line.account_id, v_line.own_unit
        USING ERRCODE = 'MZ013';
    ELSIF v_line.status <> 'open' THEN
      RAISE EXCEPTION 'account % is %', v_line.account_id, v_line.status USING ERRCODE = 'MZ005';
    END IF;
  END LOOP;

  INSERT INTO payouts.posting (book_id, journal_id, line, network_id, account_id, unit, amount,
      effective_at)
    SELECT p_book, p_journal, line.number, v_network, line.account_id, line.unit, line.amount,
      p_effective_at
    FROM unnest(p_accounts, p_units, p_amounts)
      WITH ORDINALITY AS line (account_id, unit, amount, number);
  GET DIAGNOSTICS v_written = ROW_COUNT;
  IF v_written <> v_lines THEN
    RAISE EXCEPTION '% of % lines written', v_written, v_lines USING ERRCODE = 'MZ009';
  END IF;

  FOR v_line IN
    SELECT line.account_id, t.floor, t.normal,
        sum(greatest(line.amount, 0))::bigint AS debit,
        sum(greatest(-line.amount, 0))::bigint AS credit
      FROM unnest(p_accounts, p_amounts) AS line (account_id, amount)
      CROSS JOIN LATERAL (SELECT x.type FROM payouts.account x
        WHERE x.book_id = p_book AND x.account_id = line.account_id OFFSET 0) a
      JOIN payouts.account_type t ON t.type = a.type
      WHERE t.mode = 'sync'
      GROUP BY line.account_id, t.floor, t.normal
      ORDER BY line.account_id
  LOOP
    {_LOCK_BALANCE.format(account="v_line.account_id")}
    UPDATE payouts.balance b
      SET debit = b.debit + v_line.debit, credit = b.credit + v_line.credit,
          version = b.version + 1
      WHERE b.book_id = p_book AND b.account_id = v_line.account_id
      RETURNING (b.debit - b.credit) * v_line.normal - b.held INTO v_after;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'no balance row of account %', v_line.account_id USING ERRCODE = 'MZ010';
    END IF;
    IF v_line.floor = 'nonneg' AND v_after < 0
       AND (v_line.debit - v_line.credit) * v_line.normal < 0 THEN
      RAISE EXCEPTION 'balance of account % is too low', v_line.account_id
        USING ERRCODE = 'MZ007';
    END IF;
  END LOOP;
  RETURN QUERY SELECT p_journal, false;
END $$
"""

PLACE_HOLD = f"""
CREATE FUNCTION payouts.place_hold(
  p_book bigint, p_hold uuid, p_account uuid, p_amount bigint, p_key text,
  p_cause_kind text, p_cause_id text, p_placed_at timestamptz, p_expires_at timestamptz
) RETURNS TABLE (hold_id uuid, replayed boolean) {_OPTIONS} AS $$
DECLARE
  v_found record;
  v_account record;
  v_network bigint;
  v_after numeric;
BEGIN
  {_GUARD}
  SELECT a.network_id, a.unit, a.status, t.normal, t.floor, t.mode,
      a.unit_kind = ANY (t.unit_kinds) AS is_admitted INTO v_account
    FROM payouts.account a JOIN payouts.account_type t ON t.type = a.type
    WHERE a.book_id = p_book AND a.account_id = p_account;
  IF NOT FOUND OR v_account.mode <> 'sync' THEN
    RAISE EXCEPTION 'account % cannot be held', p_account USING ERRCODE = 'MZ004';
  ELSIF NOT v_account.is_admitted THEN
    RAISE EXCEPTION 'account % takes no %', p_account, v_account.unit USING ERRCODE = 'MZ013';
  END IF;
  v_network := v_account.network_id;
  {_LOCK_BALANCE.format(account="p_account")}
  PERFORM 1 FROM payouts.balance b
    WHERE b.book_id = p_book AND b.account_id = p_account FOR NO KEY UPDATE;
  -- Looked up under the lock, so that of two equal requests at once the second finds the first.
  SELECT h.hold_id, h.account_id, h.amount INTO v_found FROM payouts.hold h
    WHERE h.book_id = p_book AND h.ledger_key = p_key;
  IF FOUND THEN
    IF v_found.account_id <> p_account OR v_found.amount <> p_amount THEN
      RAISE EXCEPTION 'key % was used for another hold', p_key USING ERRCODE = 'MZ008';
    END IF;
    RETURN QUERY SELECT v_found.hold_id, true;
    RETURN;
  END IF;
  IF p_amount IS NULL OR p_amount <= 0 THEN
    RAISE EXCEPTION 'a hold is of a positive amount' USING ERRCODE = 'MZ002';
  END IF;
  IF v_account.status <> 'open' THEN
    RAISE EXCEPTION 'account % is %', p_account, v_account.status USING ERRCODE = 'MZ005';
  END IF;
  -- Judged before it is added: the sum of what is held fits where the balance does.
  SELECT (b.debit - b.credit)::numeric * v_account.normal - b.held - p_amount INTO v_after
    FROM payouts.balance b WHERE b.book_id = p_book AND b.account_id = p_account;
  IF v_account.floor = 'limit' THEN
    SELECT v_after + a.floor_limit INTO v_after FROM payouts.account a
      WHERE a.book_id = p_book AND a.account_id = p_account;
  END IF;
  IF v_after IS NULL THEN
    RAISE EXCEPTION 'no balance row of account %', p_account USING ERRCODE = 'MZ010';
  END IF;
  IF v_after < 0 THEN
    RAISE EXCEPTION 'balance of account % is too low', p_account USING ERRCODE = 'MZ007';
  END IF;
  UPDATE payouts.balance b SET held = b.held + p_amount, version = b.version + 1
    WHERE b.book_id = p_book AND b.account_id = p_account;
  INSERT INTO payouts.hold (book_id, hold_id, network_id, account_id, unit, amount, ledger_key,
      cause_kind, cause_id, placed_at, expires_at)
    VALUES (p_book, p_hold, v_network, p_account, v_account.unit, p_amount, p_key,
      p_cause_kind, p_cause_id, p_placed_at, p_expires_at);
  RETURN QUERY SELECT p_hold, false;
END $$
"""

RESOLVE_HOLD = f"""
CREATE FUNCTION payouts.resolve_hold(
  p_book bigint, p_hold uuid, p_resolution uuid, p_kind text, p_amount bigint, p_key text,
  p_resolved_at timestamptz
) RETURNS TABLE (resolution_id uuid, remaining bigint, replayed boolean) {_OPTIONS} AS $$
DECLARE
  v_hold record;
  v_found record;
BEGIN
  {_GUARD}
  SELECT h.account_id, h.network_id INTO v_hold FROM payouts.hold h
    WHERE h.book_id = p_book AND h.hold_id = p_hold;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'hold % is not of this book', p_hold USING ERRCODE = 'MZ011';
  END IF;
  -- The balance row is the lock of its account: every change of its holds goes through it.
  PERFORM 1 FROM payouts.balance b
    WHERE b.book_id = p_book AND b.account_id = v_hold.account_id FOR NO KEY UPDATE;
  SELECT h.account_id, h.network_id, h.amount - h.captured - h.released AS rest INTO v_hold
    FROM payouts.hold h WHERE h.book_id = p_book AND h.hold_id = p_hold FOR NO KEY UPDATE;
  SELECT r.resolution_id, r.hold_id, r.kind, r.amount INTO v_found FROM payouts.hold_resolution r
    WHERE r.book_id = p_book AND r.ledger_key = p_key;
  IF FOUND THEN
    IF v_found.hold_id <> p_hold OR v_found.kind <> p_kind OR v_found.amount <> p_amount THEN
      RAISE EXCEPTION 'key % was used for another resolution', p_key USING ERRCODE = 'MZ008';
    END IF;
    RETURN QUERY SELECT v_found.resolution_id, v_hold.rest, true;
    RETURN;
  END IF;
  IF p_amount IS NULL OR p_amount <= 0 OR p_amount > v_hold.rest THEN
    RAISE EXCEPTION 'hold % has % left', p_hold, v_hold.rest USING ERRCODE = 'MZ012';
  END IF;
  INSERT INTO payouts.hold_resolution (book_id, resolution_id, network_id, hold_id, kind, amount,
      ledger_key, resolved_at)
    VALUES (p_book, p_resolution, v_hold.network_id, p_hold, p_kind, p_amount, p_key,
      p_resolved_at);
  UPDATE payouts.hold h SET
      captured = h.captured + CASE WHEN p_kind = 'captured' THEN p_amount ELSE 0 END,
      released = h.released + CASE WHEN p_kind = 'captured' THEN 0 ELSE p_amount END
    WHERE h.book_id = p_book AND h.hold_id = p_hold;
  UPDATE payouts.balance b SET held = b.held - p_amount, version = b.version + 1
    WHERE b.book_id = p_book AND b.account_id = v_hold.account_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no balance row of account %', v_hold.account_id USING ERRCODE = 'MZ010';
  END IF;
  RETURN QUERY SELECT p_resolution, v_hold.rest - p_amount, false;
END $$
"""

SEAL_JOURNALS = f"""
CREATE FUNCTION payouts.seal_journals(p_book bigint, p_sealed_at timestamptz)
RETURNS TABLE (last_seq bigint, sealed bigint) {_OPTIONS} AS $$
DECLARE
  v_sealer record;
  v_network bigint;
  v_cluster bigint;
  v_hint xid8;
  v_sealed bigint;
BEGIN
  {_GUARD}
  SELECT b.network_id INTO v_network FROM payouts.book b WHERE b.book_id = p_book;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'book % is not open', p_book USING ERRCODE = 'MZ001';
  END IF;
  INSERT INTO payouts.sealer (book_id, network_id) VALUES (p_book, v_network)
    ON CONFLICT (book_id) DO NOTHING;
  SELECT s.seq, s.cluster, s.hint INTO v_sealer FROM payouts.sealer s
    WHERE s.book_id = p_book FOR UPDATE;
  SELECT c.system_identifier INTO v_cluster FROM pg_control_system() c;
  IF v_sealer.cluster <> v_cluster THEN
    v_sealer.hint := '0';  -- restored into another cluster: look at every journal once
  END IF;
  v_hint := pg_snapshot_xmin(pg_current_snapshot());
  INSERT INTO payouts.seal (book_id, seq, network_id, journal_id, sealed_at)
    SELECT p_book, v_sealer.seq + row_number() OVER (ORDER BY j.journal_id), v_network,
        j.journal_id, p_sealed_at
      FROM payouts.journal j
      WHERE j.book_id = p_book AND j.xid >= v_sealer.hint
        AND NOT EXISTS (SELECT 1 FROM payouts.seal k
          WHERE k.book_id = p_book AND k.journal_id = j.journal_id);
  GET DIAGNOSTICS v_sealed = ROW_COUNT;
  UPDATE payouts.sealer s SET seq = v_sealer.seq + v_sealed, cluster = v_cluster, hint = v_hint
    WHERE s.book_id = p_book;
  RETURN QUERY SELECT v_sealer.seq + v_sealed, v_sealed;
END $$
"""

_SIGNATURES = {
    "post_journal": "bigint, uuid, text, text, timestamptz, timestamptz, text, text, uuid, text,"
    " jsonb, uuid[], text[], bigint[]",
    "place_hold": "bigint, uuid, uuid, bigint, text, text, text, timestamptz, timestamptz",
    "resolve_hold": "bigint, uuid, uuid, text, bigint, text, timestamptz",
    "seal_journals": "bigint, timestamptz",
}

FUNCTIONS = [
    "ALTER DEFAULT PRIVILEGES FOR ROLE mizan_ledger REVOKE EXECUTE ON FUNCTIONS FROM public",
    POST_JOURNAL,
    PLACE_HOLD,
    RESOLVE_HOLD,
    SEAL_JOURNALS,
    *(
        f"GRANT EXECUTE ON FUNCTION payouts.{name}({arguments}) TO mizan_app"
        for name, arguments in _SIGNATURES.items()
    ),
]
