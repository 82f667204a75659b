-- At most one try of a payout's leg is alive or has succeeded.
-- examines: audit.payout_attempt
SELECT a.network_id, a.payout_id, a.leg, count(*) AS attempts
FROM audit.payout_attempt a
WHERE a.state IN ('prepared', 'sent', 'accepted', 'unknown')
  OR (a.state = 'succeeded' AND a.leg <> 'reversal')
GROUP BY a.network_id, a.payout_id, a.leg
HAVING count(*) > 1
