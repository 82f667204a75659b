-- The shares of those who fund an accrual sum to its cashback, before and after returns.
-- examines: audit.accrual
SELECT a.network_id, a.accrual_id, a.cashback, sum(s.amount) AS funded, a.cashback_reversed,
  sum(s.reversed) AS reversed
FROM audit.accrual a
LEFT JOIN audit.accrual_share s
  ON s.network_id = a.network_id AND s.accrual_id = a.accrual_id
GROUP BY a.network_id, a.accrual_id, a.cashback, a.cashback_reversed
HAVING coalesce(sum(s.amount), 0) <> a.cashback
  OR coalesce(sum(s.reversed), 0) <> a.cashback_reversed
