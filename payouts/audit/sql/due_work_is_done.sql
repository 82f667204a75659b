-- No due work lies untouched for ten minutes: somebody holds its lease, or does it.
-- examines: audit.due
SELECT d.network_id, d.kind, count(*) AS objects, min(d.due_at) AS oldest
FROM audit.due d
WHERE d.due_at < CAST(:now AS timestamptz) - interval '10 minutes'
GROUP BY d.network_id, d.kind
