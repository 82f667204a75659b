-- What was captured and released of a hold is what its resolutions say, and never more than it.
-- examines: audit.hold
SELECT h.book_id, h.hold_id, h.amount, h.captured, h.released
FROM audit.hold h
LEFT JOIN audit.hold_resolution r ON r.book_id = h.book_id AND r.hold_id = h.hold_id
GROUP BY h.book_id, h.hold_id, h.amount, h.captured, h.released
HAVING h.captured + h.released > h.amount
  OR h.captured <> coalesce(sum(r.amount) FILTER (WHERE r.kind = 'captured'), 0)
  OR h.released <> coalesce(sum(r.amount) FILTER (WHERE r.kind <> 'captured'), 0)
