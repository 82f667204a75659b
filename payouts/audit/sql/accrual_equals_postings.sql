-- What an accrual says the member has of it and the network charges is what its journals say.
-- examines: audit.accrual
SELECT a.network_id, a.accrual_id, a.cashback - a.cashback_reversed - a.cashback_expired AS earned,
  coalesce(m.earned, 0) AS posted, a.fee - a.fee_reversed AS charged,
  coalesce(m.charged, 0) AS posted_fee
FROM audit.accrual a
LEFT JOIN (
  SELECT e.network_id, e.accrual_id,
    -sum(p.amount) FILTER (
      WHERE p.account_type IN ('member_pending', 'member_available', 'member_recv')) AS earned,
    -sum(p.amount) FILTER (WHERE p.account_type IN ('fee_deferred', 'platform_fee')) AS charged
  FROM (
    SELECT c.network_id, c.accrual_id, 'accrual' AS kind, c.accrual_id::text AS cause_id
    FROM audit.accrual c
    UNION ALL
    SELECT c.network_id, c.accrual_id, 'purchase_return', r.return_id::text
    FROM audit.accrual c
    JOIN audit.purchase_return r
      ON r.network_id = c.network_id AND r.purchase_id = c.purchase_id
  ) e
  JOIN audit.journal j
    ON j.book_id = e.network_id AND j.cause_kind = e.kind AND j.cause_id = e.cause_id
  JOIN audit.posting p ON p.book_id = j.book_id AND p.journal_id = j.journal_id
  GROUP BY e.network_id, e.accrual_id
) m ON m.network_id = a.network_id AND m.accrual_id = a.accrual_id
WHERE a.cashback - a.cashback_reversed - a.cashback_expired <> coalesce(m.earned, 0)
  OR a.fee - a.fee_reversed <> coalesce(m.charged, 0)
