-- At most one try of a payout's leg is alive or has succeeded.
-- examines: audit.payout_attempt
-- guards: money
SELECT a.network_id, a.payout_id, a.leg, count(*) AS attempts
FROM audit.payout_attempt a
WHERE (a.state IN ('prepared', 'sent', 'accepted', 'unknown')
    OR (a.state = 'succeeded' AND a.leg <> 'reversal'))
  AND (a.network_id, a.payout_id) IN (
    SELECT n.network_id, n.payout_id
    FROM audit.book b
    JOIN audit.payout_attempt n
      ON n.network_id = b.network_id AND n.attempt_id >= CAST(:since_id AS uuid))
GROUP BY a.network_id, a.payout_id, a.leg
HAVING count(*) > 1
