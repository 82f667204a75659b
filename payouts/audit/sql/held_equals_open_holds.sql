-- What a balance says is held is what its open holds have left.
-- examines: audit.balance
SELECT coalesce(b.book_id, h.book_id) AS book_id, coalesce(b.account_id, h.account_id) AS account_id,
  b.held, h.remaining
FROM audit.balance b
FULL JOIN (
  SELECT o.book_id, o.account_id, sum(o.amount - o.captured - o.released) AS remaining
  FROM audit.hold o
  GROUP BY o.book_id, o.account_id
) h ON h.book_id = b.book_id AND h.account_id = b.account_id
WHERE coalesce(b.held, 0) <> coalesce(h.remaining, 0)
