-- Each movement of the provider's balance is booked by one journal that moves what it moved.
-- examines: audit.provider_transaction
SELECT t.network_id, t.transaction_id, t.net, coalesce(b.moved, 0) AS booked
FROM audit.provider_transaction t
LEFT JOIN LATERAL (
  SELECT sum(p.amount) FILTER (WHERE p.account_type = 'stripe_balance') AS moved,
    bool_and(j.ledger_key = t.provider || ':' || t.transaction_id) AS is_own
  FROM audit.journal j
  JOIN audit.posting p ON p.book_id = j.book_id AND p.journal_id = j.journal_id
  WHERE j.book_id = t.network_id AND j.journal_id = t.journal_id
) b ON true
WHERE coalesce(b.moved, 0) <> t.net OR NOT coalesce(b.is_own, t.journal_id IS NULL)
