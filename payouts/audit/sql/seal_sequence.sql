-- The sealed order has no gap, ends where the sealer stands, and every place has its journal.
-- examines: audit.seal
SELECT s.book_id, s.seq AS stands_at, coalesce(k.places, 0) AS places, k.last, k.missing
FROM audit.sealer s
FULL JOIN (
  SELECT x.book_id, count(*) AS places, max(x.seq) AS last,
    count(*) FILTER (WHERE NOT EXISTS (
      SELECT 1 FROM audit.journal j
      WHERE j.book_id = x.book_id AND j.journal_id = x.journal_id)) AS missing
  FROM audit.seal x
  GROUP BY x.book_id
) k ON k.book_id = s.book_id
WHERE coalesce(k.places, 0) <> coalesce(s.seq, 0) OR coalesce(k.last, 0) <> coalesce(s.seq, 0)
  OR coalesce(k.missing, 0) > 0
