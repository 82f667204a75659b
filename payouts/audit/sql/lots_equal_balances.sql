-- What is left of an account's lots is its balance, and only accounts with lots have any.
-- examines: audit.lot
-- guards: money, as a whole
SELECT coalesce(b.book_id, l.book_id) AS book_id,
  coalesce(b.account_id, l.account_id) AS account_id, b.balance, l.remaining
FROM (
  SELECT k.book_id, k.account_id, k.credit - k.debit AS balance
  FROM audit.balance k
  JOIN audit.account a
    ON a.book_id = k.book_id AND a.account_id = k.account_id AND a.has_lots
) b
FULL JOIN (
  SELECT o.book_id, o.account_id, sum(o.remaining) AS remaining
  FROM audit.lot o
  GROUP BY o.book_id, o.account_id
) l ON l.book_id = b.book_id AND l.account_id = b.account_id
WHERE coalesce(b.balance, 0) <> coalesce(l.remaining, 0)
