-- What was sent for a payout is its amount, in its currency, and the provider says the same.
-- examines: audit.payout
SELECT a.network_id, a.payout_id, a.external_id, a.amount, o.amount AS ordered,
  -t.amount AS moved, a.currency
FROM audit.payout_attempt a
JOIN audit.payout o ON o.network_id = a.network_id AND o.payout_id = a.payout_id
LEFT JOIN audit.provider_transaction t
  ON t.network_id = a.network_id AND t.source_id = a.external_id AND t.type = 'transfer'
WHERE a.leg IN ('transfer', 'bank')
  AND (a.amount <> o.amount OR a.currency <> o.currency OR t.amount <> -o.amount)
UNION ALL
SELECT o.network_id, o.payout_id, NULL, 0, o.amount, NULL, o.currency
FROM audit.payout o
WHERE o.state IN ('transferred', 'in_transit', 'paid')
  AND NOT EXISTS (
    SELECT 1 FROM audit.payout_attempt a
    WHERE a.network_id = o.network_id AND a.payout_id = o.payout_id
      AND (a.leg = 'transfer' AND a.state = 'succeeded'
        OR a.leg = 'bank' AND a.state IN ('accepted', 'succeeded')))
