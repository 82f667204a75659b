-- A payout's value is taken by one journal a round, and given back by one when it returns.
-- examines: audit.payout
SELECT o.network_id, o.payout_id, o.state, o.taken, count(j.journal_id) FILTER (
    WHERE j.kind IN ('cashback_payout.request', 'settlement.transfer')) AS takings,
  count(j.journal_id) FILTER (
    WHERE j.kind IN ('cashback_payout.return', 'settlement.transfer_return')) AS returns
FROM audit.payout o
LEFT JOIN audit.journal j
  ON j.book_id = o.network_id AND j.cause_kind = 'payout' AND j.cause_id = o.payout_id::text
GROUP BY o.network_id, o.payout_id, o.state, o.taken
HAVING o.taken <> count(j.journal_id) FILTER (
    WHERE j.kind IN ('cashback_payout.request', 'settlement.transfer'))
  - count(j.journal_id) FILTER (
    WHERE j.kind IN ('cashback_payout.return', 'settlement.transfer_return'))
  OR (o.taken = 0 AND o.state IN ('transferred', 'in_transit', 'paid', 'returning'))
  OR (o.taken = 1 AND o.state IN ('pending_approval', 'returned', 'failed', 'cancelled'))
