-- A message of the provider is taken in once, and worked on within a minute.
-- examines: audit.webhook_inbox
SELECT w.provider, w.event_id, min(w.received_at) AS received_at, count(*) AS rows
FROM audit.webhook_inbox w
GROUP BY w.provider, w.event_id
HAVING count(*) > 1
  OR bool_or(w.processed_at IS NULL AND w.received_at < CAST(:now AS timestamptz) - interval '60 seconds')
