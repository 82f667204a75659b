-- What was captured and released of a hold is what its resolutions say, and never more than it.
-- examines: audit.hold
-- guards: money
WITH touched AS (
  SELECT h.book_id, h.hold_id
  FROM audit.book b
  JOIN audit.hold h ON h.book_id = b.book_id AND h.hold_id >= CAST(:since_id AS uuid)
  UNION
  SELECT r.book_id, r.hold_id
  FROM audit.book b
  JOIN audit.hold_resolution r
    ON r.book_id = b.book_id AND r.resolution_id >= CAST(:since_id AS uuid)
)
SELECT h.book_id, h.hold_id, h.amount, h.captured, h.released
FROM touched t
JOIN audit.hold h ON h.book_id = t.book_id AND h.hold_id = t.hold_id
LEFT JOIN audit.hold_resolution r ON r.book_id = h.book_id AND r.hold_id = h.hold_id
GROUP BY h.book_id, h.hold_id, h.amount, h.captured, h.released
HAVING h.captured + h.released > h.amount
  OR h.captured <> coalesce(sum(r.amount) FILTER (WHERE r.kind = 'captured'), 0)
  OR h.released <> coalesce(sum(r.amount) FILTER (WHERE r.kind <> 'captured'), 0)
