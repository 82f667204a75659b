-- What a final converted statement says is what its journal posted, in both currencies, and no more.
-- examines: audit.statement
WITH booked AS (
  SELECT j.book_id AS network_id, j.cause_id AS cycle_id, p.unit, p.account_type, p.owner_id,
    j.note ->> 'statement' AS number, j.note ->> 'fx_rate_id' AS fx_rate_id, p.amount
  FROM audit.journal j
  JOIN audit.posting p ON p.book_id = j.book_id AND p.journal_id = j.journal_id
  WHERE j.kind = 'settlement.convert' AND j.cause_kind = 'settlement_cycle'
    AND p.account_type <> 'fx_position'
), said AS (
  SELECT s.network_id, s.cycle_id::text AS cycle_id, v.unit, v.account_type, v.owner_id,
    s.number::text AS number, s.fx_rate_id::text AS fx_rate_id, v.amount
  FROM audit.statement s
  CROSS JOIN LATERAL (VALUES
    (s.currency, 'settle_clearing', s.cycle_id::text, -s.net),
    (s.converted_currency, CASE WHEN s.net > 0 THEN 'partner_recv' ELSE 'partner_payable' END,
      s.partner_id::text, s.converted_amount::numeric)
  ) v (unit, account_type, owner_id, amount)
  WHERE s.state = 'final' AND s.outcome = 'converted'
)
SELECT network_id, cycle_id, number, unit, account_type, owner_id, said.amount AS said,
  booked.amount AS booked
FROM said FULL JOIN booked
  USING (network_id, cycle_id, number, unit, account_type, owner_id, fx_rate_id, amount)
WHERE said.fx_rate_id IS NULL OR booked.fx_rate_id IS NULL
