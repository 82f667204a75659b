-- Each journal sums to zero in each of its units.
-- examines: audit.journal
SELECT j.book_id, j.journal_id, p.unit, sum(p.amount) AS off_by
FROM audit.journal j
JOIN audit.posting p ON p.book_id = j.book_id AND p.journal_id = j.journal_id
GROUP BY j.book_id, j.journal_id, p.unit
HAVING sum(p.amount) <> 0
