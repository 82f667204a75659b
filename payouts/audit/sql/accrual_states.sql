-- An accrual's state is what happened to it: confirmed, all of it taken back, or all of it lapsed.
-- examines: audit.accrual
SELECT a.network_id, a.accrual_id, a.state, a.confirmed_at, a.cashback, a.cashback_reversed,
  a.cashback_expired
FROM audit.accrual a
WHERE (a.state = 'pending' AND (a.confirmed_at IS NOT NULL OR a.cashback_expired <> 0))
  OR (a.state IN ('available', 'expired') AND a.confirmed_at IS NULL)
  OR (a.state = 'reversed' AND (a.cashback_reversed <> a.cashback OR a.fee_reversed <> a.fee))
  OR (a.state IN ('available', 'expired') AND (a.state = 'expired')
    <> (a.cashback_expired > 0 AND a.cashback_expired = a.cashback - a.cashback_reversed))
  OR (a.cashback_expired > 0 AND a.expires_at IS NULL)
  OR a.confirmed_at < a.available_at
