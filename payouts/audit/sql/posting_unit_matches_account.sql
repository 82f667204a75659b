-- A posting is in the unit of its account, and moves something.
-- examines: audit.posting
SELECT p.book_id, p.journal_id, p.line, p.unit, a.unit AS account_unit, p.amount
FROM audit.posting p
LEFT JOIN audit.account a ON a.book_id = p.book_id AND a.account_id = p.account_id
WHERE a.unit IS DISTINCT FROM p.unit OR p.amount = 0
