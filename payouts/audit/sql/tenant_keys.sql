-- Every foreign key between rows of networks carries the network, so no row has a foreign parent.
-- examines: pg_catalog.pg_constraint
SELECT c.conrelid::regclass::text AS relation, c.conname::text AS foreign_key
FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
WHERE c.contype = 'f' AND n.nspname IN ('payouts', 'partners', 'catalog', 'api')
  AND EXISTS (
    SELECT 1 FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.confrelid AND a.attname IN ('network_id', 'book_id')
      AND NOT a.attisdropped)
  AND (NOT c.convalidated OR NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
      AND a.attname IN ('network_id', 'book_id')))
