-- What the newest statements of a currency come to is what partners' accounts stood at, at the cut.
-- examines: audit.settlement_cycle
WITH newest AS (
  SELECT DISTINCT ON (c.network_id, c.currency)
    c.network_id, c.cycle_id, c.currency, c.to_seq, c.cut_at
  FROM audit.settlement_cycle c
  WHERE c.currency IS NOT NULL AND c.state <> 'abandoned'
  ORDER BY c.network_id, c.currency, c.number DESC
), stood AS (
  SELECT n.network_id, n.cycle_id, p.owner_id AS partner_id, sum(p.amount) AS balance
  FROM newest n
  JOIN audit.seal k ON k.book_id = n.network_id AND k.seq <= n.to_seq
  JOIN audit.posting p ON p.book_id = k.book_id AND p.journal_id = k.journal_id
    AND p.effective_at < n.cut_at AND p.unit = n.currency
  WHERE p.account_type IN ('partner_recv', 'partner_payable')
  GROUP BY n.network_id, n.cycle_id, p.owner_id
), said AS (
  SELECT n.network_id, n.cycle_id, s.partner_id::text AS partner_id, s.net
  FROM newest n
  JOIN audit.statement s ON s.network_id = n.network_id AND s.cycle_id = n.cycle_id
  WHERE s.state IN ('issued', 'final')
)
SELECT network_id, cycle_id, partner_id, coalesce(said.net, 0) AS net,
  coalesce(stood.balance, 0) AS balance
FROM stood FULL JOIN said USING (network_id, cycle_id, partner_id)
WHERE coalesce(said.net, 0) <> coalesce(stood.balance, 0)
