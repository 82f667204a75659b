-- Between two transactions nothing is left on the account through which a cycle is netted.
-- examines: audit.balance
SELECT b.book_id, b.account_id, b.owner_id AS cycle_id, b.debit, b.credit
FROM audit.balance b
WHERE b.account_type = 'settle_clearing' AND b.debit <> b.credit
