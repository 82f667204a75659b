-- All postings of a book sum to zero in each unit.
-- examines: audit.posting
-- guards: money
SELECT p.book_id, p.unit, sum(p.amount) AS off_by
FROM audit.book b
JOIN audit.posting p ON p.book_id = b.book_id AND p.journal_id >= CAST(:since_id AS uuid)
GROUP BY p.book_id, p.unit
HAVING sum(p.amount) <> 0
