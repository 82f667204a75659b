-- A payout is approved, or released, by somebody other than who asked for it.
-- examines: audit.payout
SELECT o.network_id, o.payout_id, o.requested_by, o.approved_by, o.released_by
FROM audit.payout o
WHERE o.requested_by IN (o.approved_by, o.released_by)
