-- A business event is booked once: a journal's key is noted, and names that journal alone.
-- examines: audit.journal
-- guards: money
SELECT j.book_id, j.journal_id, j.ledger_key
FROM audit.book b
JOIN audit.journal j ON j.book_id = b.book_id AND j.journal_id >= CAST(:since_id AS uuid)
LEFT JOIN audit.journal_key k ON k.book_id = j.book_id AND k.ledger_key = j.ledger_key
WHERE k.journal_id IS DISTINCT FROM j.journal_id OR k.network_id <> j.network_id
