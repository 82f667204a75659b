-- The numbers of a network's statements and adjustments have no gap, and none is given twice.
-- examines: audit.statement
SELECT n.network_id, n.number, n.before, n.documents
FROM (
  SELECT g.network_id, g.number, count(*) AS documents,
    lag(g.number, 1, 0::bigint) OVER (PARTITION BY g.network_id ORDER BY g.number) AS before
  FROM (
    -- All versions of a statement have one number.
    SELECT DISTINCT s.network_id, s.number FROM audit.statement s
    UNION ALL
    SELECT a.network_id, a.number FROM audit.adjustment_statement a
  ) g
  GROUP BY g.network_id, g.number
) n
WHERE n.number <> n.before + 1 OR n.documents > 1
