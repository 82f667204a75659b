-- What an approved statement settles was booked as its position, and ordered or held back.
-- examines: audit.statement
SELECT s.network_id, s.statement_id, s.number, s.outcome, s.net, s.remainder, j.booked, r.withheld,
  coalesce(o.payout_amount, c.collection_amount) AS ordered
FROM audit.statement s
LEFT JOIN LATERAL (
  SELECT coalesce(sum(p.amount), 0) AS booked
  FROM audit.journal j
  JOIN audit.posting p ON p.book_id = j.book_id AND p.journal_id = j.journal_id
  WHERE j.book_id = s.network_id AND j.kind = 'settlement.position'
    AND j.cause_kind = 'settlement_cycle' AND j.cause_id = s.cycle_id::text
    AND p.account_type IN ('settle_recv', 'settle_payable')
    AND p.owner_id = s.partner_id::text AND p.unit = s.currency
) j ON true
LEFT JOIN LATERAL (
  SELECT o.amount AS payout_amount FROM audit.payout o
  WHERE o.network_id = s.network_id AND o.cycle_id = s.cycle_id
    AND o.partner_id = s.partner_id AND o.currency = s.currency
) o ON true
LEFT JOIN LATERAL (
  SELECT c.amount AS collection_amount FROM audit.collection c
  WHERE c.network_id = s.network_id AND c.cycle_id = s.cycle_id
    AND c.partner_id = s.partner_id AND c.currency = s.currency
) c ON true
LEFT JOIN LATERAL (
  SELECT coalesce(sum(r.amount), 0) AS withheld FROM audit.reserve r
  WHERE r.network_id = s.network_id AND r.cycle_id = s.cycle_id
    AND r.partner_id = s.partner_id AND r.currency = s.currency
) r ON true
WHERE s.state = 'final' AND (
  j.booked <> CASE WHEN s.outcome IN ('pay', 'collect') THEN s.net - s.remainder ELSE 0 END
  OR coalesce(-o.payout_amount, 0) - r.withheld
    <> CASE s.outcome WHEN 'pay' THEN s.net - s.remainder ELSE 0 END
  OR coalesce(c.collection_amount, 0)
    <> CASE s.outcome WHEN 'collect' THEN s.net - s.remainder ELSE 0 END)
