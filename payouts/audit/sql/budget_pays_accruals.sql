-- What an earn rule's budget has spent is the cashback of its accruals that no return took back.
-- examines: audit.earn_rule
-- guards: money, as a whole
SELECT r.network_id, r.rule_id, r.budget_id, coalesce(e.earned, 0) AS earned,
  coalesce(s.spent, 0) AS spent
FROM audit.earn_rule r
LEFT JOIN (
  SELECT a.network_id, a.rule_id, a.currency, sum(a.cashback - a.cashback_reversed) AS earned
  FROM audit.accrual a
  GROUP BY a.network_id, a.rule_id, a.currency
) e ON e.network_id = r.network_id AND e.rule_id = r.rule_id
LEFT JOIN (
  SELECT a.network_id, a.owner_id, a.unit, -sum(p.amount) AS spent
  FROM audit.account a
  JOIN audit.posting p ON p.book_id = a.book_id AND p.account_id = a.account_id
  WHERE a.type = 'budget_spent'
  GROUP BY a.network_id, a.owner_id, a.unit
) s ON s.network_id = r.network_id AND s.owner_id = r.budget_id::text
  AND s.unit = r.budget_currency
WHERE r.budget_id IS NOT NULL
  AND (coalesce(e.earned, 0) <> coalesce(s.spent, 0) OR e.currency <> r.budget_currency)
