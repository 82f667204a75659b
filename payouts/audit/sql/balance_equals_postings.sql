-- Every balance that is kept is the sum of its account's postings.
-- examines: audit.balance
SELECT coalesce(b.book_id, s.book_id) AS book_id,
  coalesce(b.account_id, s.account_id) AS account_id,
  b.debit, b.credit, s.debit AS posted_debit, s.credit AS posted_credit
FROM audit.balance b
FULL JOIN (
  SELECT p.book_id, p.account_id, sum(greatest(p.amount, 0)) AS debit,
    sum(greatest(-p.amount, 0)) AS credit
  FROM audit.posting p
  JOIN audit.account a ON a.book_id = p.book_id AND a.account_id = p.account_id AND a.mode = 'sync'
  GROUP BY p.book_id, p.account_id
) s ON s.book_id = b.book_id AND s.account_id = b.account_id
WHERE coalesce(b.debit, 0) <> coalesce(s.debit, 0) OR coalesce(b.credit, 0) <> coalesce(s.credit, 0)
