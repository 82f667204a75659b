-- Nothing is sent to a destination of which a change is on notice, refused or taken back.
-- examines: audit.payout_attempt
-- guards: money
SELECT o.network_id, o.payout_id, a.attempt_id, c.change_id, c.state
FROM audit.payout_attempt a
JOIN audit.payout o ON o.network_id = a.network_id AND o.payout_id = a.payout_id
  AND o.round = a.round
JOIN audit.destination_change c ON c.network_id = o.network_id
  AND (c.partner_id = o.partner_id OR c.member_id = o.member_id)
  AND c.new_hash = o.destination_hash AND c.proposed_at < a.prepared_at
WHERE a.leg IN ('transfer', 'bank') AND a.attempt_id >= :since_id
  AND (c.in_force_at IS NULL OR c.in_force_at > a.prepared_at + interval '1 minute')
  AND NOT EXISTS (
    SELECT FROM audit.destination_change l
    WHERE l.network_id = c.network_id AND l.payee_id = c.payee_id
      AND l.in_force_at <= a.prepared_at + interval '1 minute'
      AND l.new_hash = o.destination_hash AND l.change_id > c.change_id)
