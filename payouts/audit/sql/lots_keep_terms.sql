-- Value keeps its origin, its funder and the end its accrual gave it, and none lapses before that.
-- examines: audit.lot
SELECT l.book_id, l.lot_id, l.from_lot_id, NULL::uuid AS journal_id, l.expires_at
FROM audit.lot l
LEFT JOIN audit.lot o ON o.book_id = l.book_id AND o.lot_id = l.from_lot_id
WHERE l.from_lot_id IS NOT NULL
  AND (l.unit, l.origin_kind, l.origin_id, l.funder, l.earned_at, l.expires_at, l.lapses_to)
    IS DISTINCT FROM
    (o.unit, o.origin_kind, o.origin_id, o.funder, o.earned_at, o.expires_at, o.lapses_to)
UNION ALL
SELECT l.book_id, l.lot_id, NULL, l.journal_id, l.expires_at
FROM audit.lot l
LEFT JOIN audit.accrual a ON a.network_id = l.book_id AND a.accrual_id::text = l.origin_id
LEFT JOIN audit.accrual_share s ON s.network_id = a.network_id AND s.accrual_id = a.accrual_id
  AND coalesce('partner:' || s.partner_id, 'network') = l.funder
WHERE l.from_lot_id IS NULL AND l.origin_kind = 'accrual'
  AND (s.accrual_id IS NULL
    OR (l.earned_at, l.expires_at, l.lapses_to)
      IS DISTINCT FROM (a.earned_at, a.expires_at, a.unspent_to))
UNION ALL
SELECT u.book_id, u.lot_id, NULL, u.journal_id, l.expires_at
FROM audit.journal j
JOIN audit.lot_use u ON u.book_id = j.book_id AND u.journal_id = j.journal_id
JOIN audit.lot l ON l.book_id = u.book_id AND l.lot_id = u.lot_id
WHERE j.kind = 'value.expire' AND (l.expires_at IS NULL OR l.expires_at > j.effective_at)
