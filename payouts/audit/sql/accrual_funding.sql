-- The shares of those who fund an accrual sum to its cashback, to what returned, to what lapsed.
-- examines: audit.accrual
SELECT a.network_id, a.accrual_id, a.cashback, sum(s.amount) AS funded, a.cashback_reversed,
  sum(s.reversed) AS reversed, a.cashback_expired, sum(s.expired) AS expired
FROM audit.accrual a
LEFT JOIN audit.accrual_share s
  ON s.network_id = a.network_id AND s.accrual_id = a.accrual_id
GROUP BY a.network_id, a.accrual_id, a.cashback, a.cashback_reversed, a.cashback_expired
HAVING coalesce(sum(s.amount), 0) <> a.cashback
  OR coalesce(sum(s.reversed), 0) <> a.cashback_reversed
  OR coalesce(sum(s.expired), 0) <> a.cashback_expired
