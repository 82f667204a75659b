-- What a released file orders is what its payouts are, once each, and nothing else is on its way to a bank by file.
-- examines: audit.payout_attempt
-- guards: money
SELECT l.network_id, l.bank_file_id, l.attempt_id, 'line differs' AS fault
FROM audit.bank_file_line l
LEFT JOIN audit.payout_attempt a
  ON a.network_id = l.network_id AND a.attempt_id = l.attempt_id AND a.leg = 'bank'
WHERE l.attempt_id >= :since_id
  AND (a.attempt_id IS NULL OR a.amount <> l.amount OR a.currency <> l.currency
    OR a.payout_id <> l.payout_id)
UNION ALL
SELECT a.network_id, NULL, a.attempt_id, 'in no released file'
FROM audit.payout_attempt a
WHERE a.leg = 'bank' AND a.attempt_id >= :since_id
  AND a.state IN ('accepted', 'succeeded', 'returned')
  AND NOT EXISTS (
    SELECT FROM audit.bank_file_line l
    JOIN audit.bank_file f ON f.network_id = l.network_id AND f.bank_file_id = l.bank_file_id
    WHERE l.network_id = a.network_id AND l.attempt_id = a.attempt_id AND f.state = 'released')
UNION ALL
SELECT f.network_id, f.bank_file_id, NULL, 'sum differs'
FROM audit.bank_file f
LEFT JOIN audit.bank_file_line l ON l.network_id = f.network_id AND l.bank_file_id = f.bank_file_id
WHERE f.bank_file_id >= :since_id
GROUP BY f.network_id, f.bank_file_id, f.amount, f.lines_count
HAVING coalesce(sum(l.amount), 0) <> f.amount OR count(l.attempt_id) <> f.lines_count
