-- The sealed order has no gap, ends where the sealer stands, and every place has its journal.
-- examines: audit.seal
-- guards: money
WITH looked_at AS (
  SELECT b.book_id, coalesce(s.seq, 0) AS stands_at,
    CASE WHEN CAST(:since_id AS uuid) = '00000000-0000-0000-0000-000000000000' THEN 0
      ELSE greatest(coalesce(s.seq, 0) - 10000, 0) END AS after
  FROM audit.book b
  LEFT JOIN audit.sealer s ON s.book_id = b.book_id
)
SELECT l.book_id, l.stands_at, l.after, k.places, k.last, k.missing
FROM looked_at l
CROSS JOIN LATERAL (
  SELECT count(*) AS places, coalesce(max(x.seq), l.after) AS last,
    count(*) FILTER (WHERE NOT EXISTS (
      SELECT 1 FROM audit.journal j
      WHERE j.book_id = x.book_id AND j.journal_id = x.journal_id)) AS missing
  FROM audit.seal x
  WHERE x.book_id = l.book_id AND x.seq > l.after
) k
WHERE k.places <> l.stands_at - l.after OR k.last <> l.stands_at OR k.missing > 0
