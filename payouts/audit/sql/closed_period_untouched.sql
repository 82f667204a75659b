-- Nothing was written into a month after it was closed.
-- examines: audit.period
SELECT j.book_id, j.period, j.journal_id, j.recorded_at, p.closed_at
FROM audit.journal j
JOIN audit.period p ON p.book_id = j.book_id AND p.period = j.period
WHERE p.status = 'closed' AND j.recorded_at > p.closed_at
