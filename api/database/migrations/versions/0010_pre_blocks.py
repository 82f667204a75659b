"""Blocks of sealed journals, chained and signed."""

from alembic import op

from api.database.ground import grant, wall
from api.database.migrations.audit_views import LEDGER_VIEWS

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BLOCK = """
    CREATE TABLE payouts.block (
      book_id bigint NOT NULL,
      block bigint NOT NULL CONSTRAINT block_number CHECK (block > 0),
      network_id bigint NOT NULL,
      version smallint NOT NULL CONSTRAINT block_version CHECK (version > 0),
      from_seq bigint NOT NULL CONSTRAINT block_from CHECK (from_seq > 0),
      to_seq bigint NOT NULL CONSTRAINT block_to CHECK (to_seq >= from_seq),
      leaves bytea NOT NULL,
      root bytea NOT NULL CONSTRAINT block_root CHECK (length(root) = 32),
      previous bytea NOT NULL CONSTRAINT block_previous CHECK (length(previous) = 32),
      digest bytea NOT NULL CONSTRAINT block_digest CHECK (length(digest) = 32),
      key_id text NOT NULL CONSTRAINT block_key_id CHECK (length(key_id) BETWEEN 1 AND 64),
      signature bytea NOT NULL CONSTRAINT block_signature CHECK (length(signature) = 64),
      sealed_at timestamptz NOT NULL,
      CONSTRAINT block_pkey PRIMARY KEY (book_id, block),
      CONSTRAINT block_to_seq_key UNIQUE (book_id, to_seq),
      CONSTRAINT block_leaves CHECK (length(leaves) = 32 * (to_seq - from_seq + 1))
    )
    """
# Hashes do not compress; kept as they are, a part of them can be read alone.
_PLAIN = "ALTER TABLE payouts.block ALTER COLUMN leaves SET STORAGE EXTERNAL"

_APPEND = """
CREATE FUNCTION payouts.append_block(
  p_book bigint, p_block bigint, p_version smallint, p_from bigint, p_to bigint, p_leaves bytea,
  p_root bytea, p_previous bytea, p_digest bytea, p_key_id text, p_signature bytea,
  p_sealed_at timestamptz
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, payouts, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
DECLARE
  v_sealer record;
  v_last record;
BEGIN
  IF p_book IS DISTINCT FROM nullif(current_setting('app.network_id', true), '')::bigint THEN
    RAISE EXCEPTION 'the ledger of another network' USING ERRCODE = 'MZ001';
  END IF;
  -- The sealer's row is the lock: one block at a time, and the order stands still meanwhile.
  SELECT s.network_id, s.seq INTO v_sealer FROM payouts.sealer s
    WHERE s.book_id = p_book FOR UPDATE;
  IF NOT FOUND OR p_to > v_sealer.seq THEN
    RAISE EXCEPTION 'block % goes beyond the sealed order', p_block USING ERRCODE = 'MZ020';
  END IF;
  SELECT b.block, b.to_seq, b.digest INTO v_last FROM payouts.block b
    WHERE b.book_id = p_book ORDER BY b.block DESC LIMIT 1;
  IF p_block IS DISTINCT FROM coalesce(v_last.block, 0) + 1
     OR p_from IS DISTINCT FROM coalesce(v_last.to_seq, 0) + 1
     OR p_previous IS DISTINCT FROM coalesce(v_last.digest, decode(repeat('00', 32), 'hex')) THEN
    RAISE EXCEPTION 'block % does not continue the chain', p_block USING ERRCODE = 'MZ020';
  END IF;
  INSERT INTO payouts.block (book_id, block, network_id, version, from_seq, to_seq, leaves, root,
      previous, digest, key_id, signature, sealed_at)
    VALUES (p_book, p_block, v_sealer.network_id, p_version, p_from, p_to, p_leaves, p_root,
      p_previous, p_digest, p_key_id, p_signature, p_sealed_at);
END $$
"""
_EXECUTE = (
    "GRANT EXECUTE ON FUNCTION payouts.append_block(bigint, bigint, smallint, bigint, bigint,"
    " bytea, bytea, bytea, bytea, text, bytea, timestamptz) TO mizan_app"
)

_VIEWS = {
    "block": "SELECT b.book_id, b.network_id, b.block, b.version, b.from_seq, b.to_seq, b.leaves,"
    " b.root, b.previous, b.digest, b.key_id, b.signature, b.sealed_at FROM payouts.block b",
    # With all that a leaf is made of.
    "journal": LEDGER_VIEWS["journal"].replace(
        " s.sealed_at FROM", " s.sealed_at, j.request_hash FROM"
    ),
    "posting": LEDGER_VIEWS["posting"].replace(
        " p.effective_at FROM", " p.effective_at, p.recorded_at, a.sub FROM"
    ),
}


def upgrade() -> None:
    """Create blocks with the function that alone appends them.

    What was sealed before gets its blocks from the worker's next rounds.
    """
    op.execute(_BLOCK)
    op.execute(_PLAIN)
    for statement in wall("payouts.block", key="book_id"):
        op.execute(statement)
    for role in ("mizan_app", "mizan_ledger", "mizan_audit"):
        op.execute(grant("payouts.block", "SELECT", role))
    op.execute(grant("payouts.block", "INSERT", "mizan_ledger"))
    op.execute("GRANT CREATE ON SCHEMA payouts TO mizan_ledger")
    op.execute("SET LOCAL ROLE mizan_ledger")
    op.execute(_APPEND)
    op.execute(_EXECUTE)
    op.execute("SET LOCAL ROLE mizan_owner")
    op.execute("REVOKE CREATE ON SCHEMA payouts FROM mizan_ledger")
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in _VIEWS.items():
        op.execute(f"CREATE OR REPLACE VIEW audit.{name} AS {body}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
