-- A code that left a pool is that of a fulfilled redemption of its own quote, at its own face.
-- examines: audit.pool_code
SELECT c.network_id, c.pool_code_id, c.redemption_id, r.state, r.quote_id
FROM audit.pool_code c
LEFT JOIN audit.redemption r
  ON r.network_id = c.network_id AND r.redemption_id = c.redemption_id
WHERE c.state = 'delivered'
  AND (r.state, r.quote_id, r.member_id, r.face, r.face_currency)
    IS DISTINCT FROM ('fulfilled', c.quote_id, c.member_id, c.face, c.face_currency)
