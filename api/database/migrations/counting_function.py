"""The function that counts what is left of rewards that we count ourselves."""

# What a member sees of stock rests on rows that a member does not see: codes, and the quotes of
# others. So this belongs to a role that may read their columns of place and state alone, is bound
# to the caller's network like everybody, and tells nothing but counts.
#
# What quotes hold is not left: a quote of a card, seat or code is refused exactly when nothing is.
# Codes are counted to a hundred; nobody asks how many more there are.
COUNT_LEFT = """
CREATE FUNCTION catalog.count_left(p_network bigint, p_rewards uuid[], p_now timestamptz)
RETURNS TABLE (reward_id uuid, counted text, pieces bigint, whole bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off AS $$
BEGIN
  IF p_network IS DISTINCT FROM nullif(current_setting('app.network_id', true), '')::bigint THEN
    RAISE EXCEPTION 'the catalogue of another network' USING ERRCODE = 'MZ001';
  END IF;
  RETURN QUERY
  WITH asked AS MATERIALIZED (
    SELECT r.reward_id, r.kind, r.supplier_id, r.supplier_sku,
      coalesce(r.current_version, r.latest_version) AS version
    FROM unnest(p_rewards) AS w (reward_id)
    JOIN catalog.reward r ON r.network_id = p_network AND r.reward_id = w.reward_id
    UNION ALL
    SELECT r.reward_id, r.kind, r.supplier_id, r.supplier_sku,
      coalesce(r.current_version, r.latest_version)
    FROM catalog.reward r
    WHERE p_rewards IS NULL AND r.network_id = p_network AND r.state IN ('active', 'retiring', 'matched')
  ), pooled AS MATERIALIZED (
    SELECT DISTINCT f.supplier_id FROM catalog.feed_source f WHERE f.network_id = p_network
  )
  SELECT a.reward_id, 'cards', s.cards_left - (
      SELECT count(*) FROM catalog.quote q
      WHERE q.network_id = p_network AND q.reward_id = a.reward_id AND q.kind = 'own_card'
        AND q.expires_at > p_now AND NOT EXISTS (
          SELECT FROM catalog.redemption d
          WHERE d.network_id = p_network AND d.quote_id = q.quote_id)
    ), NULL::bigint
  FROM asked a
  JOIN catalog.card_stock s ON s.network_id = p_network AND s.reward_id = a.reward_id
  WHERE a.kind = 'gift_card' AND a.supplier_id IS NULL AND s.cards_left IS NOT NULL
  UNION ALL
  SELECT a.reward_id, 'codes', (
      SELECT count(*) FROM (
        SELECT FROM catalog.pool_code c
        WHERE c.network_id = p_network AND c.supplier_id = a.supplier_id
          AND c.supplier_sku = a.supplier_sku AND c.state <> 'delivered'
          AND (c.state = 'available' OR c.free_again_at <= p_now)
          AND EXISTS (
            SELECT FROM catalog.reward_denomination d
            WHERE d.network_id = p_network AND d.reward_id = a.reward_id
              AND d.version = a.version AND d.face = c.face
              AND d.face_currency = c.face_currency)
        LIMIT 100) AS free
    ), NULL::bigint
  FROM asked a JOIN pooled p ON p.supplier_id = a.supplier_id
  UNION ALL
  SELECT a.reward_id, 'seats',
    coalesce(sum(greatest(t.capacity - t.booked - t.kept, 0)), 0)::bigint,
    coalesce(sum(t.capacity), 0)::bigint
  FROM asked a
  LEFT JOIN LATERAL (
    SELECT s.capacity, s.booked, (
      SELECT count(*) FROM catalog.quote q
      WHERE q.network_id = p_network AND q.slot_id = s.slot_id AND q.expires_at > p_now
        AND NOT EXISTS (
          SELECT FROM catalog.redemption d
          WHERE d.network_id = p_network AND d.quote_id = q.quote_id)) AS kept
    FROM catalog.experience_slot s
    WHERE s.network_id = p_network AND s.reward_id = a.reward_id AND s.starts_at > p_now
  ) t ON true
  WHERE a.kind = 'experience'
  GROUP BY a.reward_id;
END $$
"""

COUNTER = "bigint, uuid[], timestamptz"
"""The function's arguments, for grants."""

COUNTED = {
    "reward": "reward_id, kind, state, supplier_id, supplier_sku, current_version, latest_version",
    "reward_denomination": "reward_id, version, face, face_currency",
    "card_stock": "reward_id, cards_left",
    "feed_source": "supplier_id",
    "pool_code": "supplier_id, supplier_sku, face, face_currency, state, free_again_at",
    "experience_slot": "slot_id, reward_id, starts_at, capacity, booked",
    "quote": "quote_id, reward_id, slot_id, kind, expires_at",
    "redemption": "quote_id",
}
"""The columns that it may read, besides the network; what a code is made of is not among them."""
