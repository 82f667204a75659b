-- A partner statement says exactly what the postings between its cycle's two cuts say.
-- examines: audit.statement
SELECT s.network_id, s.statement_id, s.number, s.lines_count, count(l.line) AS lines_found,
  s.receivable + s.settled_receivable AS receivable, s.payable + s.settled_payable AS payable,
  coalesce(sum(l.amount) FILTER (WHERE l.account_type = 'partner_recv'), 0) AS posted_receivable,
  -coalesce(sum(l.amount) FILTER (WHERE l.account_type = 'partner_payable'), 0) AS posted_payable
FROM audit.statement s
LEFT JOIN audit.statement_line l
  ON l.network_id = s.network_id AND l.statement_id = s.statement_id
WHERE s.state IN ('issued', 'final')
GROUP BY s.network_id, s.statement_id, s.number, s.lines_count, s.receivable, s.payable,
  s.settled_receivable, s.settled_payable
HAVING count(l.line) <> s.lines_count
  OR coalesce(sum(l.amount) FILTER (WHERE l.account_type = 'partner_recv'), 0)
    <> s.receivable + s.settled_receivable
  OR -coalesce(sum(l.amount) FILTER (WHERE l.account_type = 'partner_payable'), 0)
    <> s.payable + s.settled_payable
