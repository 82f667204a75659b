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
UNION ALL
SELECT o.book_id, 'reversed journal in ' || o.unit, o.journal_id, o.debit, r.debit, r.debit
FROM (
  SELECT j.book_id, j.reverses, p.unit, sum(p.amount) AS debit,
    bool_or(b.reverses IS NOT NULL) AS is_of_reversal
  FROM audit.journal j
  JOIN audit.posting p ON p.book_id = j.book_id AND p.journal_id = j.journal_id AND p.amount > 0
  LEFT JOIN audit.journal b ON b.book_id = j.book_id AND b.journal_id = j.reverses
  WHERE j.reverses IS NOT NULL
  GROUP BY j.book_id, j.reverses, p.unit
) r
JOIN (
  SELECT p.book_id, p.journal_id, p.unit, sum(p.amount) AS debit
  FROM audit.posting p
  WHERE p.amount > 0
  GROUP BY p.book_id, p.journal_id, p.unit
) o ON o.book_id = r.book_id AND o.journal_id = r.reverses AND o.unit = r.unit
WHERE r.debit > o.debit OR r.is_of_reversal
