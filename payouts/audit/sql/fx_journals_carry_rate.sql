-- A journal in two currencies names the rate that was quoted, and was converted at it.
-- examines: audit.journal
SELECT j.book_id, j.journal_id, j.kind, j.note ->> 'fx_rate_id' AS fx_rate_id, x.units,
  r.base, r.quote
FROM audit.journal j
JOIN (
  SELECT p.book_id, p.journal_id, array_agg(DISTINCT p.unit::text ORDER BY p.unit::text) AS units
  FROM audit.posting p
  WHERE p.account_type = 'fx_position'
  GROUP BY p.book_id, p.journal_id
) x ON x.book_id = j.book_id AND x.journal_id = j.journal_id
LEFT JOIN audit.fx_rate r
  ON r.network_id = j.book_id AND r.fx_rate_id::text = j.note ->> 'fx_rate_id'
LEFT JOIN LATERAL (
  SELECT abs(sum(p.amount / (10::numeric ^ u.exponent)
      * CASE WHEN p.unit = r.base THEN r.value ELSE 1 END)) * 10::numeric ^ max(
        u.exponent) FILTER (WHERE p.unit = r.quote) AS off_by
  FROM audit.posting p JOIN audit.unit u ON u.unit = p.unit
  WHERE p.book_id = j.book_id AND p.journal_id = j.journal_id AND p.account_type = 'fx_position'
) d ON true
WHERE (r.fx_rate_id IS NULL
  OR x.units <> (SELECT array_agg(v ORDER BY v) FROM unnest(ARRAY[r.base, r.quote]::text[]) v)
  OR d.off_by > 1)
  -- Valuing a position anew moves nothing between currencies.
  AND NOT (cardinality(x.units) = 1 AND j.kind IN ('fx.revalue', 'fx.revalue.reversed'))
