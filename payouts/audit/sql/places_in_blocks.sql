-- No place of the sealed order waits longer than a minute for its block.
-- examines: audit.seal
SELECT k.book_id, min(k.seq) AS first, count(*) AS places
FROM audit.book b
LEFT JOIN LATERAL (
  SELECT max(x.to_seq) AS to_seq FROM audit.block x WHERE x.book_id = b.book_id
) reached ON true
JOIN audit.seal k ON k.book_id = b.book_id AND k.seq > coalesce(reached.to_seq, 0)
WHERE k.sealed_at < CAST(:now AS timestamptz) - interval '1 minute'
GROUP BY k.book_id
