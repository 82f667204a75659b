-- Tables of networks are walled for everybody, and the service can neither lift nor own a wall.
-- examines: pg_catalog.pg_class
SELECT t.oid::regclass::text AS subject, 'row-level security is not forced' AS fault
FROM pg_catalog.pg_class t
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_index i ON i.indrelid = t.oid AND i.indisprimary
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
WHERE t.relkind IN ('r', 'p') AND n.nspname IN ('payouts', 'partners', 'catalog', 'api')
  AND a.attname IN ('network_id', 'book_id')
  AND t.oid::regclass::text NOT IN ('payouts.due', 'payouts.book', 'partners.network',
    'partners.purchase_staging')  -- rows pass through it within one transaction each
  AND NOT (t.relrowsecurity AND t.relforcerowsecurity
    -- A partition has no policy of its own: its rows are reached through its table alone.
    AND (t.relispartition OR EXISTS (SELECT 1 FROM pg_catalog.pg_policy p WHERE p.polrelid = t.oid AND p.polpermissive)))
UNION ALL
SELECT r.rolname::text, 'the role passes every wall'
FROM pg_catalog.pg_roles r
WHERE r.rolname IN ('mizan_app', 'mizan_ledger', 'mizan_search', 'mizan_counter', 'mizan_audit',
    'mizan_auditor')
  AND (r.rolsuper OR r.rolbypassrls)
UNION ALL
SELECT t.oid::regclass::text, 'the service owns it'
FROM pg_catalog.pg_class t
JOIN pg_catalog.pg_roles r ON r.oid = t.relowner
WHERE r.rolname = 'mizan_app'
