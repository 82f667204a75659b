-- All tries of one round of a payout go to one account at the provider.
-- examines: audit.payout_attempt
SELECT a.network_id, a.payout_id, a.round, count(DISTINCT a.account_id) AS accounts
FROM audit.payout_attempt a
GROUP BY a.network_id, a.payout_id, a.round
HAVING count(DISTINCT a.account_id) > 1
