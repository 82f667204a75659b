-- A redemption that was fulfilled by a card has exactly one code, any other has none.
-- examines: audit.redemption
SELECT r.network_id, r.redemption_id, r.kind, r.state, count(d.voucher_id) AS codes
FROM audit.redemption r
LEFT JOIN audit.code_delivery d
  ON d.network_id = r.network_id AND d.redemption_id = r.redemption_id
GROUP BY r.network_id, r.redemption_id, r.kind, r.state
HAVING count(d.voucher_id) <> CASE
  WHEN r.state = 'fulfilled' AND r.kind IN ('supplier_card', 'own_card') THEN 1 ELSE 0 END
