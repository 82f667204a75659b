-- No journal waits longer than a minute for its place in the order, or is of a time to come.
-- examines: audit.journal
SELECT j.book_id, count(*) AS journals, min(j.recorded_at) AS oldest
FROM audit.journal j
WHERE j.seq IS NULL AND (j.recorded_at < CAST(:now AS timestamptz) - interval '60 seconds'
  OR j.recorded_at > CAST(:now AS timestamptz) + interval '60 seconds')
GROUP BY j.book_id
