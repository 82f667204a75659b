-- A line happened, and was written into the books, when its journal was.
-- examines: audit.posting
SELECT p.book_id, p.journal_id, p.line, p.effective_at, p.recorded_at,
  j.effective_at AS journal_effective_at, j.recorded_at AS journal_recorded_at
FROM audit.posting p
JOIN audit.journal j ON j.book_id = p.book_id AND j.journal_id = p.journal_id
WHERE p.effective_at <> j.effective_at OR p.recorded_at <> j.recorded_at
