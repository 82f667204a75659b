-- Blocks follow each other without a gap, each from the digest before it, and no place waits long.
-- examines: audit.block
WITH chained AS (
  SELECT b.book_id, b.block, b.from_seq, b.to_seq, b.previous,
    lag(b.block, 1, 0::bigint) OVER own AS block_before,
    lag(b.to_seq, 1, 0::bigint) OVER own AS seq_before,
    lag(b.digest, 1, decode(repeat('00', 32), 'hex')) OVER own AS digest_before
  FROM audit.block b
  WINDOW own AS (PARTITION BY b.book_id ORDER BY b.block)
)
SELECT c.book_id, c.block, c.from_seq, 'does not follow from the block before it' AS fault
FROM chained c
WHERE c.block <> c.block_before + 1 OR c.from_seq <> c.seq_before + 1
  OR c.previous <> c.digest_before
UNION ALL
SELECT k.book_id, NULL, min(k.seq), 'places without a block for over a minute'
FROM audit.seal k
JOIN (
  SELECT b.book_id, coalesce(max(x.to_seq), 0) AS to_seq
  FROM audit.book b LEFT JOIN audit.block x ON x.book_id = b.book_id GROUP BY b.book_id
) reached ON reached.book_id = k.book_id
WHERE k.seq > reached.to_seq AND k.sealed_at < CAST(:now AS timestamptz) - interval '1 minute'
GROUP BY k.book_id
