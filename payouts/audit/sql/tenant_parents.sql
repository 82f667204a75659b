-- Every row of the ledger carries the network of its book.
-- examines: audit.posting
SELECT 'journal' AS relation, j.book_id, j.network_id, j.journal_id AS row_id
FROM audit.journal j LEFT JOIN audit.book b ON b.book_id = j.book_id
WHERE b.network_id IS DISTINCT FROM j.network_id
UNION ALL
SELECT 'posting', p.book_id, p.network_id, p.journal_id
FROM audit.posting p JOIN audit.journal j ON j.book_id = p.book_id AND j.journal_id = p.journal_id
WHERE p.network_id <> j.network_id
UNION ALL
SELECT 'balance', b.book_id, b.network_id, b.account_id
FROM audit.balance b JOIN audit.account a ON a.book_id = b.book_id AND a.account_id = b.account_id
WHERE b.network_id <> a.network_id
UNION ALL
SELECT 'hold', h.book_id, h.network_id, h.hold_id
FROM audit.hold h JOIN audit.account a ON a.book_id = h.book_id AND a.account_id = h.account_id
WHERE h.network_id <> a.network_id
UNION ALL
SELECT 'account', a.book_id, a.network_id, a.account_id
FROM audit.account a LEFT JOIN audit.book b ON b.book_id = a.book_id
WHERE b.network_id IS DISTINCT FROM a.network_id
