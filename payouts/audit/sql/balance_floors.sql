-- No balance that may not be negative is, counting what is held.
-- examines: audit.balance
SELECT b.book_id, b.account_id, b.account_type, (b.debit - b.credit) * a.normal - b.held AS available
FROM audit.balance b
JOIN audit.account a ON a.book_id = b.book_id AND a.account_id = b.account_id
WHERE a.floor = 'nonneg' AND (b.debit - b.credit) * a.normal - b.held < 0
