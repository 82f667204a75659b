"""The function that makes a partition of the journals or postings of one month ahead of time.

It belongs to the tables' owner, who alone may attach one; it takes a name of two that it knows and
a month, and reads no row. A table is made first and attached then, so that only the partition of
what fits nowhere else is locked against everybody, for no longer than it takes to look that it
holds nothing of that month; posting goes on meanwhile. A table has 240 partitions at most: what
comes after them is kept where nothing else fits.
"""

MAKE_PARTITION = """
CREATE FUNCTION payouts.make_partition(p_table text, p_month date) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, payouts, pg_temp
SET lock_timeout = '1s'
AS $$
DECLARE
  v_month timestamp := date_trunc('month', p_month::timestamp);
  v_name text;
  v_from uuid;
  v_to uuid;
  v_count bigint;
  v_is_covered boolean;
BEGIN
  IF p_table IS NULL OR p_table NOT IN ('journal', 'posting') OR p_month IS NULL
     OR p_month NOT BETWEEN '1970-01-01' AND '9999-12-31' THEN
    RAISE EXCEPTION 'no partition of % for %', p_table, p_month USING ERRCODE = '22023';
  END IF;
  v_name := p_table || to_char(v_month, '_YYYYMM');
  -- The first id of version 7 of a month, and of the month after it.
  SELECT min(b.id::text)::uuid, max(b.id::text)::uuid INTO v_from, v_to FROM (
    SELECT rpad(lpad(to_hex((extract(epoch FROM m.month AT TIME ZONE 'UTC') * 1000)::bigint),
        12, '0'), 32, '0')::uuid AS id
      FROM unnest(ARRAY[v_month, v_month + interval '1 month']) AS m (month)
  ) b;
  FOR v_attempt IN 1..2 LOOP
    SELECT count(*), bool_or(b.bound <> 'DEFAULT'
        AND coalesce(substring(b.bound FROM $re$FROM \\('([0-9a-f-]+)'\\)$re$)::uuid <= v_from, true)
        AND coalesce(v_from < substring(b.bound FROM $re$TO \\('([0-9a-f-]+)'\\)$re$)::uuid, true))
      INTO v_count, v_is_covered
      FROM (
        SELECT pg_get_expr(c.relpartbound, c.oid) AS bound
          FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
          WHERE i.inhparent = ('payouts.' || p_table)::regclass
      ) b;
    IF v_is_covered THEN
      RETURN 'present';
    ELSIF v_count >= 240 THEN
      RETURN 'full';
    ELSIF v_attempt = 1 THEN  -- of two at once the second waits here, and looks again
      EXECUTE format('LOCK TABLE payouts.%I IN SHARE UPDATE EXCLUSIVE MODE', p_table);
    END IF;
  END LOOP;
  EXECUTE format('CREATE TABLE payouts.%I (LIKE payouts.%I INCLUDING DEFAULTS'
    ' INCLUDING CONSTRAINTS)', v_name, p_table);
  EXECUTE format('ALTER TABLE payouts.%I ENABLE ROW LEVEL SECURITY', v_name);
  EXECUTE format('ALTER TABLE payouts.%I FORCE ROW LEVEL SECURITY', v_name);
  EXECUTE format('ALTER TABLE payouts.%I ATTACH PARTITION payouts.%I FOR VALUES FROM (%L) TO (%L)',
    p_table, v_name, v_from, v_to);
  RETURN 'made';
EXCEPTION
  WHEN check_violation THEN  -- rows of that month were written before it had a partition
    RETURN 'occupied';
  WHEN lock_not_available OR deadlock_detected THEN
    RETURN 'busy';
END $$
"""

FUNCTIONS = [
    MAKE_PARTITION,
    "REVOKE EXECUTE ON FUNCTION payouts.make_partition(text, date) FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION payouts.make_partition(text, date) TO mizan_app",
]
