-- Every snapshot is the sum of its account's postings up to the place where its book is folded.
-- examines: audit.balance_snapshot
-- guards: money, as a whole
SELECT coalesce(b.book_id, s.book_id) AS book_id,
  coalesce(b.account_id, s.account_id) AS account_id,
  b.debit, b.credit, s.debit AS posted_debit, s.credit AS posted_credit
FROM audit.balance_snapshot b
FULL JOIN (
  SELECT p.book_id, p.account_id, sum(greatest(p.amount, 0)) AS debit,
    sum(greatest(-p.amount::numeric, 0)) AS credit
  FROM audit.sealer o
  JOIN audit.seal k ON k.book_id = o.book_id AND k.seq <= o.folded_seq
  JOIN audit.posting p ON p.book_id = k.book_id AND p.journal_id = k.journal_id
  JOIN audit.account a ON a.book_id = p.book_id AND a.account_id = p.account_id
    AND a.mode = 'append'
  GROUP BY p.book_id, p.account_id
) s ON s.book_id = b.book_id AND s.account_id = b.account_id
WHERE coalesce(b.debit, 0) <> coalesce(s.debit, 0) OR coalesce(b.credit, 0) <> coalesce(s.credit, 0)
