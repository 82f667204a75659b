"""Feeds that a network describes, what was pulled of them, and pools of codes to sell from."""

from alembic import op

from api.database.ground import grant, wall

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None

_FEEDS = [
    """
    CREATE TABLE catalog.feed_source (
      network_id bigint NOT NULL,
      supplier_id uuid NOT NULL,
      version integer NOT NULL CONSTRAINT feed_source_version CHECK (version > 0),
      kind text NOT NULL CONSTRAINT feed_source_kind CHECK (kind IN ('feed', 'graphql')),
      description jsonb NOT NULL
        CONSTRAINT feed_source_description CHECK (pg_column_size(description) <= 65536),
      url text CONSTRAINT feed_source_url CHECK (length(url) BETWEEN 1 AND 2000),
      pull_hours smallint CONSTRAINT feed_source_pull_hours CHECK (pull_hours BETWEEN 1 AND 720),
      saved_by text NOT NULL CONSTRAINT feed_source_saver CHECK (length(saved_by) <= 255),
      saved_at timestamptz NOT NULL,
      CONSTRAINT feed_source_pkey PRIMARY KEY (network_id, supplier_id, version),
      CONSTRAINT feed_source_supplier_fkey FOREIGN KEY (network_id, supplier_id)
        REFERENCES catalog.supplier (network_id, supplier_id),
      CONSTRAINT feed_source_pulled CHECK (pull_hours IS NULL OR url IS NOT NULL),
      CONSTRAINT feed_source_remote CHECK (kind <> 'graphql' OR url IS NOT NULL)
    )
    """,
    """
    CREATE TABLE catalog.feed_pull (
      network_id bigint NOT NULL,
      supplier_id uuid NOT NULL,
      version integer NOT NULL,
      etag text CONSTRAINT feed_pull_etag CHECK (length(etag) <= 500),
      last_modified text CONSTRAINT feed_pull_last_modified CHECK (length(last_modified) <= 100),
      file_sha256 text CONSTRAINT feed_pull_sha256 CHECK (length(file_sha256) = 64),
      outcome text NOT NULL
        CONSTRAINT feed_pull_outcome CHECK (outcome IN ('imported', 'unchanged', 'failed')),
      remark text CONSTRAINT feed_pull_remark CHECK (length(remark) <= 300),
      pulled_at timestamptz NOT NULL,
      CONSTRAINT feed_pull_pkey PRIMARY KEY (network_id, supplier_id),
      CONSTRAINT feed_pull_source_fkey FOREIGN KEY (network_id, supplier_id, version)
        REFERENCES catalog.feed_source (network_id, supplier_id, version)
    )
    """,
]

# A delivered code lives on as a voucher: the pool keeps its digest, and nothing that opens.
_POOL = [
    """
    CREATE TABLE catalog.pool_code (
      network_id bigint NOT NULL,
      pool_code_id uuid NOT NULL,
      supplier_id uuid NOT NULL,
      supplier_sku text NOT NULL
        CONSTRAINT pool_code_sku CHECK (length(supplier_sku) BETWEEN 1 AND 100),
      face bigint NOT NULL CONSTRAINT pool_code_face CHECK (face > 0),
      face_currency varchar(16) NOT NULL,
      key_id text NOT NULL CONSTRAINT pool_code_key_id CHECK (length(key_id) BETWEEN 1 AND 64),
      ciphertext bytea
        CONSTRAINT pool_code_ciphertext CHECK (octet_length(ciphertext) BETWEEN 29 AND 8192),
      digest bytea NOT NULL CONSTRAINT pool_code_digest_length CHECK (octet_length(digest) = 32),
      state text NOT NULL
        CONSTRAINT pool_code_state CHECK (state IN ('available', 'reserved', 'delivered')),
      quote_id uuid,
      member_id uuid,
      free_again_at timestamptz,
      redemption_id uuid,
      batch_id uuid NOT NULL,
      loaded_by text NOT NULL CONSTRAINT pool_code_loader CHECK (length(loaded_by) <= 255),
      loaded_at timestamptz NOT NULL,
      delivered_at timestamptz,
      CONSTRAINT pool_code_pkey PRIMARY KEY (network_id, pool_code_id),
      CONSTRAINT pool_code_digest_key UNIQUE (network_id, digest),
      CONSTRAINT pool_code_quote_key UNIQUE (network_id, quote_id),
      CONSTRAINT pool_code_redemption_key UNIQUE (network_id, redemption_id),
      CONSTRAINT pool_code_reserved CHECK (
        (state = 'available') = (quote_id IS NULL)
        AND (quote_id IS NULL) = (member_id IS NULL)
        AND (quote_id IS NULL) = (free_again_at IS NULL)),
      CONSTRAINT pool_code_delivered CHECK (
        (state = 'delivered') = (redemption_id IS NOT NULL)
        AND (state = 'delivered') = (delivered_at IS NOT NULL)
        AND (state = 'delivered') = (ciphertext IS NULL))
    )
    """,
    "CREATE INDEX pool_code_to_sell ON catalog.pool_code"
    " (network_id, supplier_id, supplier_sku, face_currency, face, pool_code_id)"
    " WHERE state <> 'delivered'",
    "CREATE INDEX pool_code_by_member ON catalog.pool_code (network_id, member_id, free_again_at)"
    " WHERE state = 'reserved'",
    "CREATE INDEX pool_code_by_key ON catalog.pool_code (network_id, key_id, pool_code_id)"
    " WHERE state <> 'delivered'",
]

# An auditor sees that a code is there and what became of it; never what it is made of.
_POOL_AUDIT_COLUMNS = (
    "network_id, pool_code_id, supplier_id, supplier_sku, face, face_currency, state, quote_id,"
    " member_id, free_again_at, redemption_id, batch_id, loaded_by, loaded_at, delivered_at"
)

_VIEWS = {
    "feed_source": "SELECT s.network_id, s.supplier_id, s.version, s.kind, s.description, s.url,"
    " s.pull_hours, s.saved_by, s.saved_at FROM catalog.feed_source s",
    "feed_pull": "SELECT p.network_id, p.supplier_id, p.version, p.file_sha256, p.outcome,"
    " p.remark, p.pulled_at FROM catalog.feed_pull p",
    "pool_code": "SELECT c.network_id, c.pool_code_id, c.supplier_id, c.supplier_sku, c.face,"
    " c.face_currency, c.state, c.quote_id, c.member_id, c.free_again_at, c.redemption_id,"
    " c.batch_id, c.loaded_by, c.loaded_at, c.delivered_at FROM catalog.pool_code c",
}


def upgrade() -> None:
    """Create the tables, hidden from the scopes of partners and members."""
    for statement in (*_FEEDS, *_POOL):
        op.execute(statement)
    for table in ("catalog.feed_source", "catalog.feed_pull", "catalog.pool_code"):
        for statement in wall(table, owners=()):
            op.execute(statement)
        op.execute(grant(table, "SELECT, INSERT"))
    op.execute(
        grant(
            "catalog.feed_pull",
            "UPDATE (version, etag, last_modified, file_sha256, outcome, remark, pulled_at)",
        )
    )
    op.execute(
        grant(
            "catalog.pool_code",
            "UPDATE (key_id, ciphertext, digest, state, quote_id, member_id, free_again_at,"
            " redemption_id, delivered_at)",
        )
    )
    op.execute(grant("catalog.feed_source", "SELECT", "mizan_audit"))
    op.execute(grant("catalog.feed_pull", "SELECT", "mizan_audit"))
    op.execute(grant("catalog.pool_code", f"SELECT ({_POOL_AUDIT_COLUMNS})", "mizan_audit"))
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in _VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {body}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
