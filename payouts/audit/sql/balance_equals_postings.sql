-- Every balance that is kept is the sum of its account's postings.
-- examines: audit.balance
-- guards: money
WITH touched AS (
  SELECT a.book_id, a.account_id
  FROM audit.account a
  WHERE a.mode = 'sync' AND CAST(:since_id AS uuid) = '00000000-0000-0000-0000-000000000000'
  UNION
  SELECT a.book_id, a.account_id
  FROM audit.book b
  JOIN audit.posting p ON p.book_id = b.book_id AND p.journal_id >= CAST(:since_id AS uuid)
  JOIN audit.account a ON a.book_id = p.book_id AND a.account_id = p.account_id AND a.mode = 'sync'
  WHERE CAST(:since_id AS uuid) > '00000000-0000-0000-0000-000000000000'
)
SELECT t.book_id, t.account_id, b.debit, b.credit, s.debit AS posted_debit,
  s.credit AS posted_credit
FROM touched t
LEFT JOIN audit.balance b ON b.book_id = t.book_id AND b.account_id = t.account_id
CROSS JOIN LATERAL (
  SELECT coalesce(sum(greatest(p.amount, 0)), 0) AS debit,
    coalesce(sum(greatest(-p.amount::numeric, 0)), 0) AS credit
  FROM audit.posting p
  WHERE p.book_id = t.book_id AND p.account_id = t.account_id
) s
WHERE coalesce(b.debit, 0) <> s.debit OR coalesce(b.credit, 0) <> s.credit
UNION ALL
SELECT b.book_id, b.account_id, b.debit, b.credit, NULL, NULL
FROM audit.balance b
LEFT JOIN audit.account a
  ON a.book_id = b.book_id AND a.account_id = b.account_id AND a.mode = 'sync'
WHERE a.account_id IS NULL AND (b.debit <> 0 OR b.credit <> 0)
  AND CAST(:since_id AS uuid) = '00000000-0000-0000-0000-000000000000'
