-- A mistaken order costs the network what was agreed of it last, by journals of its own, and no more.
-- examines: audit.mistaken_order
SELECT m.network_id, m.mistaken_order_id, m.state, r.outcome, r.charged, r.currency,
  coalesce(b.borne, 0) AS borne
FROM audit.mistaken_order m
LEFT JOIN LATERAL (
  SELECT r.outcome, r.charged, r.currency
  FROM audit.mistaken_order_resolution r
  WHERE r.network_id = m.network_id AND r.mistaken_order_id = m.mistaken_order_id
    AND r.approved_at IS NOT NULL
  ORDER BY r.number DESC
  LIMIT 1
) r ON true
LEFT JOIN LATERAL (
  SELECT sum(p.amount) AS borne, min(p.unit) AS first_unit, max(p.unit) AS last_unit
  FROM audit.journal j
  JOIN audit.posting p ON p.book_id = j.book_id AND p.journal_id = j.journal_id
    AND p.account_type = 'order_loss'
  WHERE j.book_id = m.network_id AND j.cause_kind = 'mistaken_order'
    AND j.cause_id = m.mistaken_order_id::text
) b ON true
WHERE coalesce(b.borne, 0) <> coalesce(r.charged, 0)
  OR (r.charged IS NOT NULL AND (b.first_unit, b.last_unit) <> (r.currency, r.currency))
  OR coalesce(r.outcome, m.state) <> m.state
  OR (r.outcome IS NULL AND m.state IN ('cancelled', 'written_off'))
