-- A redemption took its price by one journal when it was fulfilled or its seat booked, not before.
-- examines: audit.redemption
SELECT r.network_id, r.redemption_id, r.kind, r.state, r.total, coalesce(b.taken, 0) AS taken
FROM audit.redemption r
LEFT JOIN LATERAL (
  SELECT sum(p.amount) AS taken
  FROM audit.journal j
  JOIN audit.posting p ON p.book_id = j.book_id AND p.journal_id = j.journal_id
    AND p.account_type = 'member_available' AND p.unit = r.currency
  WHERE j.book_id = r.network_id
    AND j.kind IN ('redemption.supplier', 'redemption.own_card', 'experience.book')
    AND ((j.cause_kind = 'redemption' AND j.cause_id = r.redemption_id::text)
      OR (j.cause_kind = 'booking' AND j.cause_id = r.booking_id::text))
) b ON true
WHERE (coalesce(b.taken, 0) <> r.total
    AND (r.state = 'fulfilled' OR (r.kind = 'experience' AND r.state = 'placed')))
  OR (b.taken IS NOT NULL AND r.kind = 'supplier_card' AND r.state <> 'fulfilled')
