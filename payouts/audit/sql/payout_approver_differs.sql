-- A payout is approved by somebody other than who asked for it.
-- examines: audit.payout
SELECT o.network_id, o.payout_id, o.requested_by, o.approved_by
FROM audit.payout o
WHERE o.approved_by = o.requested_by
