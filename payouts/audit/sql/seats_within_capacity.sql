-- The seats taken of a slot are its bookings that stand, and never more than it has.
-- examines: audit.experience_slot
SELECT s.network_id, s.slot_id, s.capacity, s.booked, count(b.booking_id) AS bookings
FROM audit.experience_slot s
LEFT JOIN audit.booking b
  ON b.network_id = s.network_id AND b.slot_id = s.slot_id AND b.state <> 'cancelled'
GROUP BY s.network_id, s.slot_id, s.capacity, s.booked
HAVING s.booked > s.capacity OR s.booked <> count(b.booking_id)
