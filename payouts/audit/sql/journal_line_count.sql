-- A journal has as many lines as it declares, at least two, and no line lacks its journal.
-- examines: audit.journal
-- guards: money
SELECT j.book_id, j.journal_id, j.lines AS declared, count(p.line) AS found
FROM audit.book b
JOIN audit.journal j ON j.book_id = b.book_id AND j.journal_id >= CAST(:since_id AS uuid)
LEFT JOIN audit.posting p ON p.book_id = j.book_id AND p.journal_id = j.journal_id
GROUP BY j.book_id, j.journal_id, j.lines
HAVING count(p.line) <> j.lines OR j.lines < 2
UNION ALL
SELECT p.book_id, p.journal_id, NULL, count(*)
FROM audit.book b
JOIN audit.posting p ON p.book_id = b.book_id AND p.journal_id >= CAST(:since_id AS uuid)
LEFT JOIN audit.journal j ON j.book_id = b.book_id AND j.journal_id = p.journal_id
  AND j.journal_id >= CAST(:since_id AS uuid)
WHERE j.journal_id IS NULL
GROUP BY p.book_id, p.journal_id
