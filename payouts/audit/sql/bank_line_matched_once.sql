-- Bank lines explain their statement, none ends two movements, and each has its item.
-- examines: audit.bank_entry
SELECT e.network_id, 'movement matched twice' AS fault, e.provider_transaction_id AS id
FROM audit.bank_entry e
WHERE e.provider_transaction_id IS NOT NULL
GROUP BY e.network_id, e.provider_transaction_id
HAVING count(*) > 1
UNION ALL
SELECT s.network_id, 'statement does not add up', s.bank_statement_id
FROM audit.bank_statement s
LEFT JOIN audit.bank_entry e
  ON e.network_id = s.network_id AND e.bank_statement_id = s.bank_statement_id
GROUP BY s.network_id, s.bank_statement_id, s.opening, s.closing, s.entries_count
HAVING s.opening + coalesce(sum(e.amount), 0) <> s.closing OR count(e.line) <> s.entries_count
UNION ALL
SELECT e.network_id, 'line and item disagree', e.bank_entry_id
FROM audit.bank_entry e
LEFT JOIN audit.reconciliation_item i
  ON i.network_id = e.network_id AND i.bank_entry_id = e.bank_entry_id
WHERE i.item_id IS NULL OR (i.state = 'matched'
    AND e.provider_transaction_id IS NULL AND e.attempt_id IS NULL)
  OR (e.journal_id IS NOT NULL AND i.resolved_at IS NULL)
