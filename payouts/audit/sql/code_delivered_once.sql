-- A redemption that was fulfilled by a card has exactly one code, any other has none.
-- examines: audit.redemption
-- guards: money
WITH touched AS (
  SELECT r.network_id, r.redemption_id
  FROM audit.book b
  JOIN audit.redemption r
    ON r.network_id = b.network_id AND r.redemption_id >= CAST(:since_id AS uuid)
  UNION
  SELECT d.network_id, d.redemption_id
  FROM audit.book b
  JOIN audit.code_delivery d
    ON d.network_id = b.network_id AND d.voucher_id >= CAST(:since_id AS uuid)
  WHERE d.redemption_id IS NOT NULL
)
SELECT r.network_id, r.redemption_id, r.kind, r.state, count(d.voucher_id) AS codes
FROM touched t
JOIN audit.redemption r ON r.network_id = t.network_id AND r.redemption_id = t.redemption_id
LEFT JOIN audit.code_delivery d
  ON d.network_id = r.network_id AND d.redemption_id = r.redemption_id
GROUP BY r.network_id, r.redemption_id, r.kind, r.state
HAVING count(d.voucher_id) <> CASE
  WHEN r.state = 'fulfilled' AND r.kind IN ('supplier_card', 'own_card') THEN 1 ELSE 0 END
