-- How far an account may fall below zero is what was agreed last, and every change is on record.
-- examines: audit.floor_limit
SELECT a.book_id, a.account_id, a.type, a.floor, a.floor_limit, l.number, l.agreed, l.records
FROM audit.account a
LEFT JOIN (
  SELECT f.book_id, f.account_id, max(f.number) AS number, count(*) AS records,
    (array_agg(f.amount ORDER BY f.number DESC))[1] AS agreed
  FROM audit.floor_limit f
  GROUP BY f.book_id, f.account_id
) l ON l.book_id = a.book_id AND l.account_id = a.account_id
WHERE a.floor_limit <> coalesce(l.agreed, 0)
  OR (a.floor <> 'limit' AND (a.floor_limit <> 0 OR l.records IS NOT NULL))
  OR coalesce(l.number, 0) <> coalesce(l.records, 0)
