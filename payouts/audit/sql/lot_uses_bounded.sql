-- A lot has what was not used of it, and of a journal's use no more is given back than it used.
-- examines: audit.lot_use
-- guards: money, as a whole
SELECT l.book_id, l.lot_id, NULL::uuid AS journal_id, l.amount, l.remaining,
  coalesce(sum(u.amount), 0) AS used
FROM audit.lot l
LEFT JOIN audit.lot_use u ON u.book_id = l.book_id AND u.lot_id = l.lot_id
GROUP BY l.book_id, l.lot_id, l.amount, l.remaining
HAVING l.remaining <> l.amount + coalesce(sum(u.amount), 0)
  OR l.remaining NOT BETWEEN 0 AND l.amount
UNION ALL
SELECT u.book_id, u.lot_id, u.journal_id, u.used, NULL, g.given_back
FROM (
  SELECT k.book_id, k.lot_id, k.restores, sum(k.amount) AS given_back
  FROM audit.lot_use k
  WHERE k.amount > 0
  GROUP BY k.book_id, k.lot_id, k.restores
) g
LEFT JOIN (
  SELECT k.book_id, k.lot_id, k.journal_id, -sum(k.amount) AS used
  FROM audit.lot_use k
  WHERE k.amount < 0
  GROUP BY k.book_id, k.lot_id, k.journal_id
) u ON u.book_id = g.book_id AND u.lot_id = g.lot_id AND u.journal_id = g.restores
WHERE g.given_back > coalesce(u.used, 0)
