-- All postings of a book sum to zero in each unit.
-- examines: audit.posting
SELECT p.book_id, p.unit, sum(p.amount) AS off_by
FROM audit.posting p
GROUP BY p.book_id, p.unit
HAVING sum(p.amount) <> 0
