-- What was given back of a purchase or a card payment is the sum of its returns, never more.
-- examines: audit.purchase
SELECT p.network_id, 'purchase' AS kind, p.purchase_id AS id, p.amount, p.returned,
  coalesce(sum(r.amount), 0) AS sum_of_returns
FROM audit.purchase p
LEFT JOIN audit.purchase_return r
  ON r.network_id = p.network_id AND r.purchase_id = p.purchase_id
GROUP BY p.network_id, p.purchase_id, p.amount, p.returned
HAVING p.returned > p.amount OR p.returned <> coalesce(sum(r.amount), 0)
UNION ALL
SELECT a.network_id, 'card payment', a.authorization_id, a.captured, a.refunded,
  coalesce(sum(r.amount), 0)
FROM audit.card_authorization a
LEFT JOIN audit.card_refund r
  ON r.network_id = a.network_id AND r.authorization_id = a.authorization_id
GROUP BY a.network_id, a.authorization_id, a.captured, a.refunded
HAVING a.refunded > a.captured OR a.refunded <> coalesce(sum(r.amount), 0)
UNION ALL
SELECT j.book_id, 'journal', j.reverses, 1, count(*), 1
FROM audit.journal j
LEFT JOIN audit.journal o ON o.book_id = j.book_id AND o.journal_id = j.reverses
WHERE j.reverses IS NOT NULL
GROUP BY j.book_id, j.reverses, j.cause_kind, j.cause_id
HAVING count(*) > 1 OR count(o.journal_id) = 0
