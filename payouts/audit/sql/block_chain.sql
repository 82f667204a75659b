-- Blocks follow each other without a gap, each from the digest of the one before it.
-- examines: audit.block
-- guards: money, as a whole
WITH chained AS (
  SELECT b.book_id, b.block, b.from_seq, b.to_seq, b.previous,
    lag(b.block, 1, 0::bigint) OVER own AS block_before,
    lag(b.to_seq, 1, 0::bigint) OVER own AS seq_before,
    lag(b.digest, 1, decode(repeat('00', 32), 'hex')) OVER own AS digest_before
  FROM audit.block b
  WINDOW own AS (PARTITION BY b.book_id ORDER BY b.block)
)
SELECT c.book_id, c.block, c.from_seq, c.to_seq
FROM chained c
WHERE c.block <> c.block_before + 1 OR c.from_seq <> c.seq_before + 1
  OR c.previous <> c.digest_before
