-- A business event is booked once: no key has two journals.
-- examines: audit.journal
SELECT j.book_id, j.ledger_key, count(*) AS journals
FROM audit.journal j
GROUP BY j.book_id, j.ledger_key
HAVING count(*) > 1
