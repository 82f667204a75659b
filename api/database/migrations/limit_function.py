"""The function that agrees how far an account may fall below zero."""

# Under the lock of its balance, as everything that the balance is judged by: a journal that waits
# for it is judged by the new limit.
AGREE_FLOOR_LIMIT = """
CREATE FUNCTION payouts.agree_floor_limit(
  p_book bigint, p_account uuid, p_amount bigint, p_actor text, p_agreed_at timestamptz
) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, payouts, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
DECLARE
  v_account record;
  v_after numeric;
  v_number int;
BEGIN
  IF p_book IS DISTINCT FROM nullif(current_setting('app.network_id', true), '')::bigint THEN
    RAISE EXCEPTION 'the ledger of another network' USING ERRCODE = 'MZ001';
  END IF;
  SELECT a.network_id, a.unit, t.normal INTO v_account
    FROM payouts.account a JOIN payouts.account_type t ON t.type = a.type
    WHERE a.book_id = p_book AND a.account_id = p_account AND t.floor = 'limit';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'account % has no limit', p_account USING ERRCODE = 'MZ004';
  END IF;
  IF p_amount IS NULL OR p_amount < 0 THEN
    RAISE EXCEPTION 'a limit is not negative' USING ERRCODE = 'MZ002';
  END IF;
  INSERT INTO payouts.balance (book_id, account_id, network_id)
    VALUES (p_book, p_account, v_account.network_id) ON CONFLICT (book_id, account_id) DO NOTHING;
  SELECT (b.debit - b.credit)::numeric * v_account.normal - b.held + p_amount INTO v_after
    FROM payouts.balance b WHERE b.book_id = p_book AND b.account_id = p_account
    FOR NO KEY UPDATE;
  IF v_after < 0 THEN
    RAISE EXCEPTION 'account % is below that limit', p_account USING ERRCODE = 'MZ007';
  END IF;
  SELECT coalesce(max(l.number), 0) + 1 INTO v_number FROM payouts.floor_limit l
    WHERE l.book_id = p_book AND l.account_id = p_account;
  INSERT INTO payouts.floor_limit (book_id, account_id, number, network_id, unit, amount,
      agreed_by, agreed_at)
    VALUES (p_book, p_account, v_number, v_account.network_id, v_account.unit, p_amount, p_actor,
      p_agreed_at);
  UPDATE payouts.account a SET floor_limit = p_amount
    WHERE a.book_id = p_book AND a.account_id = p_account;
  RETURN v_number;
END $$
"""
