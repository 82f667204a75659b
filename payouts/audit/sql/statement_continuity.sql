-- What one statement carries forward is what the partner's next one opens with; cycles adjoin.
-- examines: audit.statement
SELECT x.network_id, 'statement' AS kind, x.statement_id AS id, x.opening, x.carried AS before
FROM (
  SELECT s.network_id, s.statement_id,
    s.opening_receivable - s.opening_payable AS opening,
    coalesce(lag(CASE s.outcome WHEN 'carried' THEN s.net ELSE 0 END) OVER (
      PARTITION BY s.network_id, s.partner_id, s.currency ORDER BY s.number), 0) AS carried
  FROM audit.statement s
) x
WHERE x.opening <> x.carried
UNION ALL
SELECT y.network_id, 'settlement cycle', y.cycle_id, y.from_seq, y.before
FROM (
  SELECT c.network_id, c.cycle_id, c.from_seq,
    coalesce(lag(c.to_seq) OVER (PARTITION BY c.network_id ORDER BY c.number), 0) AS before
  FROM audit.settlement_cycle c
) y
WHERE y.from_seq <> y.before
