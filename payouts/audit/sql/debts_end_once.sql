-- What was given up of a debt is what was booked for it, once, and nothing else was.
-- examines: audit.purchase_return
SELECT coalesce(r.network_id, j.book_id) AS network_id, r.return_id, r.debt, r.debt_end,
  r.debt_given_up, j.booked, j.journals
FROM audit.purchase_return r
FULL JOIN (
  SELECT d.book_id, d.cause_id, -sum(p.amount) AS booked, count(DISTINCT d.journal_id) AS journals,
    min(d.kind) AS kind
  FROM audit.journal d
  JOIN audit.posting p ON p.book_id = d.book_id AND p.journal_id = d.journal_id
    AND p.account_type = 'member_recv'
  WHERE d.cause_kind = 'debt' AND d.reverses IS NULL
  GROUP BY d.book_id, d.cause_id
) j ON j.book_id = r.network_id AND j.cause_id = r.return_id::text
WHERE r.return_id IS NULL OR r.debt_given_up <> coalesce(j.booked, 0) OR j.journals > 1
  OR (j.journals = 1 AND j.kind <> 'debt.' || r.debt_end)
