-- Where a partner's statement ends the next one begins; each cycle goes on from the cut before it.
-- examines: audit.statement
SELECT x.network_id, 'statement' AS kind, x.statement_id AS id, x.opening, x.before
FROM (
  SELECT s.network_id, s.statement_id,
    s.opening_receivable - s.opening_payable AS opening,
    coalesce(lag(CASE WHEN s.outcome = 'carried' OR n.cut_at IS NOT NULL THEN s.net ELSE 0 END)
      OVER w, 0) AS before
  FROM audit.statement s
  JOIN LATERAL (
    -- One of earlier releases opened with what was carried; what was settled it left out.
    SELECT l.cut_at FROM audit.statement l
    WHERE l.network_id = s.network_id AND l.partner_id = s.partner_id
      AND l.currency = s.currency AND l.state IN ('issued', 'final') AND l.number >= s.number
    ORDER BY (l.number = s.number), l.number LIMIT 1
  ) n ON true
  WHERE s.state IN ('issued', 'final')
  WINDOW w AS (PARTITION BY s.network_id, s.partner_id, s.currency ORDER BY s.number)
) x
WHERE x.opening <> x.before
UNION ALL
SELECT c.network_id, 'settlement cycle', c.cycle_id, coalesce(c.before_seq, 0),
  coalesce(b.to_seq, 0)
FROM audit.settlement_cycle c
LEFT JOIN LATERAL (
  SELECT e.to_seq, e.cut_at FROM audit.settlement_cycle e
  WHERE e.network_id = c.network_id AND e.number < c.number AND e.state <> 'abandoned'
    AND (e.currency = c.currency OR e.currency IS NULL)
  ORDER BY e.number DESC LIMIT 1
) b ON true
WHERE c.state <> 'abandoned' AND (c.before_seq IS DISTINCT FROM b.to_seq
  OR c.before_at IS DISTINCT FROM b.cut_at OR c.from_seq > coalesce(c.before_seq, 0))
