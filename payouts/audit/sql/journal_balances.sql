-- Each journal sums to zero in each of its units.
-- examines: audit.journal
-- guards: money
SELECT j.book_id, j.journal_id, p.unit, sum(p.amount) AS off_by
FROM audit.book b
JOIN audit.journal j ON j.book_id = b.book_id AND j.journal_id >= CAST(:since_id AS uuid)
JOIN audit.posting p ON p.book_id = j.book_id AND p.journal_id = j.journal_id
GROUP BY j.book_id, j.journal_id, p.unit
HAVING sum(p.amount) <> 0
