-- A budget was granted its cap, and what was spent of it and is left in its slices is just that.
-- examines: audit.budget
-- guards: money, as a whole
SELECT b.network_id, b.budget_id, b.unit, b.cap, coalesce(s.granted, 0) AS granted,
  coalesce(s.spent, 0) AS spent, coalesce(s.remaining, 0) AS remaining
FROM audit.budget b
LEFT JOIN (
  SELECT a.network_id, a.owner_id, a.unit,
    sum(p.amount) FILTER (WHERE a.type = 'budget_granted') AS granted,
    -sum(p.amount) FILTER (WHERE a.type = 'budget_spent') AS spent,
    -sum(p.amount) FILTER (WHERE a.type = 'budget') AS remaining
  FROM audit.account a
  JOIN audit.posting p ON p.book_id = a.book_id AND p.account_id = a.account_id
  WHERE a.type IN ('budget_granted', 'budget_spent', 'budget')
  GROUP BY a.network_id, a.owner_id, a.unit
) s ON s.network_id = b.network_id AND s.owner_id = b.budget_id::text AND s.unit = b.unit
WHERE coalesce(s.granted, 0) <> b.cap OR coalesce(s.spent, 0) NOT BETWEEN 0 AND b.cap
  OR coalesce(s.spent, 0) + coalesce(s.remaining, 0) <> b.cap
