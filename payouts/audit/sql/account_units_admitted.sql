-- An account is in a unit of a kind that its type takes: points never stand where money is owed.
-- examines: audit.account
SELECT a.book_id, a.account_id, a.type, a.unit, a.unit_kind, a.unit_kinds, u.kind
FROM audit.account a
LEFT JOIN audit.unit u ON u.unit = a.unit
WHERE u.kind IS DISTINCT FROM a.unit_kind OR a.unit_kind <> ALL (a.unit_kinds)
