-- Every key that was used names a journal of its book.
-- examines: audit.journal_key
-- guards: money, as a whole
SELECT k.book_id, k.ledger_key, k.journal_id
FROM audit.journal_key k
LEFT JOIN audit.journal j ON j.book_id = k.book_id AND j.journal_id = k.journal_id
WHERE j.journal_id IS NULL
