-- What lies on a partner's reserve account is what was withheld from it and not released.
-- examines: audit.reserve
SELECT coalesce(b.network_id, r.network_id) AS network_id,
  coalesce(b.owner_id, r.partner_id) AS partner_id, coalesce(b.unit, r.currency) AS currency,
  coalesce(b.balance, 0) AS balance, coalesce(r.withheld, 0) AS withheld
FROM (
  SELECT b.network_id, b.owner_id, b.unit, b.credit - b.debit AS balance
  FROM audit.balance b WHERE b.account_type = 'partner_reserve'
) b
FULL JOIN (
  SELECT r.network_id, r.partner_id::text AS partner_id, r.currency, sum(r.amount) AS withheld
  FROM audit.reserve r WHERE r.released_at IS NULL
  GROUP BY r.network_id, r.partner_id, r.currency
) r ON r.network_id = b.network_id AND r.partner_id = b.owner_id AND r.currency = b.unit
WHERE coalesce(b.balance, 0) <> coalesce(r.withheld, 0)
