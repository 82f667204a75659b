-- No balance is below its floor, which is zero or what was agreed, counting what is held.
-- examines: audit.balance
-- guards: money
WITH touched AS (
  SELECT b.book_id, b.account_id
  FROM audit.balance b
  WHERE CAST(:since_id AS uuid) = '00000000-0000-0000-0000-000000000000'
  UNION
  SELECT p.book_id, p.account_id
  FROM audit.book b
  JOIN audit.posting p ON p.book_id = b.book_id AND p.journal_id >= CAST(:since_id AS uuid)
  WHERE CAST(:since_id AS uuid) > '00000000-0000-0000-0000-000000000000'
  UNION
  SELECT h.book_id, h.account_id
  FROM audit.book b
  JOIN audit.hold h ON h.book_id = b.book_id AND h.hold_id >= CAST(:since_id AS uuid)
  WHERE CAST(:since_id AS uuid) > '00000000-0000-0000-0000-000000000000'
)
SELECT b.book_id, b.account_id, b.account_type, (b.debit - b.credit) * a.normal - b.held AS available,
  a.floor_limit
FROM touched t
JOIN audit.balance b ON b.book_id = t.book_id AND b.account_id = t.account_id
JOIN audit.account a ON a.book_id = t.book_id AND a.account_id = t.account_id
WHERE a.floor IN ('nonneg', 'limit') AND (b.debit - b.credit)::numeric * a.normal - b.held
  + CASE a.floor WHEN 'limit' THEN a.floor_limit ELSE 0 END < 0
