-- An accrual's state is what happened to it: confirmed or not, all of it taken back or not.
-- examines: audit.accrual
SELECT a.network_id, a.accrual_id, a.state, a.confirmed_at, a.cashback, a.cashback_reversed
FROM audit.accrual a
WHERE (a.state = 'pending' AND a.confirmed_at IS NOT NULL)
  OR (a.state IN ('available', 'expired') AND a.confirmed_at IS NULL)
  OR (a.state = 'reversed' AND (a.cashback_reversed <> a.cashback OR a.fee_reversed <> a.fee))
  OR a.confirmed_at < a.available_at
