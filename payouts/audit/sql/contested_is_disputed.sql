-- What waits on a partner's account of contested amounts is what its open disputes contest.
-- examines: audit.dispute
SELECT coalesce(b.network_id, d.network_id) AS network_id,
  coalesce(b.owner_id, d.partner_id) AS partner_id, coalesce(b.unit, d.currency) AS currency,
  coalesce(b.balance, 0) AS balance, coalesce(d.contested, 0) AS contested
FROM (
  SELECT b.network_id, b.owner_id, b.unit, b.debit - b.credit AS balance
  FROM audit.balance b WHERE b.account_type = 'partner_contested'
) b
FULL JOIN (
  SELECT d.network_id, d.partner_id::text AS partner_id, d.currency, sum(d.amount) AS contested
  FROM audit.dispute d WHERE d.state = 'open'
  GROUP BY d.network_id, d.partner_id, d.currency
) d ON d.network_id = b.network_id AND d.partner_id = b.owner_id AND d.currency = b.unit
WHERE coalesce(b.balance, 0) <> coalesce(d.contested, 0)
