-- A card has what was loaded, less what was taken of it, plus what was given back; never more.
-- examines: audit.gift_card
SELECT c.network_id, c.card_id, c.state, c.face, coalesce(b.credit - b.debit, 0) AS balance,
  coalesce(a.used, 0) AS used
FROM audit.gift_card c
LEFT JOIN audit.balance b
  ON b.book_id = c.network_id AND b.account_type = 'gift_card' AND b.owner_id = c.card_id::text
LEFT JOIN (
  SELECT x.network_id, x.card_id, sum(x.captured - x.refunded) AS used
  FROM audit.card_authorization x
  GROUP BY x.network_id, x.card_id
) a ON a.network_id = c.network_id AND a.card_id = c.card_id
WHERE coalesce(b.credit - b.debit, 0) NOT BETWEEN 0 AND c.face
  OR b.unit <> c.currency
  OR (c.state IN ('active', 'frozen', 'exhausted')
    AND coalesce(b.credit - b.debit, 0) <> c.face - coalesce(a.used, 0))
