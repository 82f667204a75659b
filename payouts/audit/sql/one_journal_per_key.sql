-- A business event is booked once: no key has two journals.
-- examines: audit.journal
-- guards: money
SELECT j.book_id, j.journal_id, j.ledger_key
FROM audit.book b
JOIN audit.journal j ON j.book_id = b.book_id AND j.journal_id >= CAST(:since_id AS uuid)
WHERE EXISTS (
  SELECT 1 FROM audit.journal o
  WHERE o.book_id = j.book_id AND o.ledger_key = j.ledger_key AND o.journal_id <> j.journal_id)
