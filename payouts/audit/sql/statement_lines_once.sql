-- No posting is on two statements, so nothing that was earned or owed is settled twice.
-- examines: audit.statement_line
SELECT l.network_id, l.journal_id, l.line, count(*) AS statements
FROM audit.statement_line l
GROUP BY l.network_id, l.journal_id, l.line
HAVING count(*) > 1
