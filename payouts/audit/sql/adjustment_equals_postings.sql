-- An adjustment says exactly what corrects its final statement behind the adjustment before it.
-- examines: audit.adjustment_statement
SELECT d.network_id, d.adjustment_id, d.number, d.lines_count, count(l.line) AS lines_found,
  d.receivable, d.payable,
  coalesce(sum(l.amount) FILTER (WHERE l.account_type = 'partner_recv'), 0) AS posted_receivable,
  -coalesce(sum(l.amount) FILTER (WHERE l.account_type = 'partner_payable'), 0) AS posted_payable,
  d.from_seq, d.before_seq, d.is_of_final
FROM (
  SELECT a.network_id, a.adjustment_id, a.number, a.lines_count, a.receivable, a.payable,
    a.from_seq, lag(a.to_seq) OVER (
      PARTITION BY a.network_id, a.statement_id ORDER BY a.number) AS before_seq,
    EXISTS (
      SELECT FROM audit.statement s
      WHERE s.network_id = a.network_id AND s.statement_id = a.statement_id AND s.state = 'final'
        AND s.partner_id = a.partner_id AND s.currency = a.currency AND s.number = a.adjusts_number
        AND s.to_seq <= a.to_seq
    ) AS is_of_final
  FROM audit.adjustment_statement a
) d
LEFT JOIN audit.adjustment_line l
  ON l.network_id = d.network_id AND l.adjustment_id = d.adjustment_id
GROUP BY d.network_id, d.adjustment_id, d.number, d.lines_count, d.receivable, d.payable,
  d.from_seq, d.before_seq, d.is_of_final
HAVING count(l.line) <> d.lines_count
  OR coalesce(sum(l.amount) FILTER (WHERE l.account_type = 'partner_recv'), 0) <> d.receivable
  OR -coalesce(sum(l.amount) FILTER (WHERE l.account_type = 'partner_payable'), 0) <> d.payable
  OR d.from_seq <> d.before_seq OR NOT d.is_of_final
