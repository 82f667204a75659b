-- What a balance says is held is what its open holds have left.
-- examines: audit.balance
-- guards: money
WITH touched AS (
  SELECT b.book_id, b.account_id
  FROM audit.balance b
  WHERE CAST(:since_id AS uuid) = '00000000-0000-0000-0000-000000000000'
  UNION
  SELECT h.book_id, h.account_id
  FROM audit.book b
  JOIN audit.hold h ON h.book_id = b.book_id AND h.hold_id >= CAST(:since_id AS uuid)
  UNION
  SELECT h.book_id, h.account_id
  FROM audit.book b
  JOIN audit.hold_resolution r
    ON r.book_id = b.book_id AND r.resolution_id >= CAST(:since_id AS uuid)
  JOIN audit.hold h ON h.book_id = r.book_id AND h.hold_id = r.hold_id
)
SELECT t.book_id, t.account_id, b.held, h.remaining
FROM touched t
LEFT JOIN audit.balance b ON b.book_id = t.book_id AND b.account_id = t.account_id
CROSS JOIN LATERAL (
  SELECT coalesce(sum(o.amount - o.captured - o.released), 0) AS remaining
  FROM audit.hold o
  WHERE o.book_id = t.book_id AND o.account_id = t.account_id
    AND o.captured + o.released < o.amount
) h
WHERE coalesce(b.held, 0) <> h.remaining
