"""Files of purchases on their way into the books."""

from alembic import op

from api.database.ground import grant, wall

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLES = [
    """
    CREATE TABLE partners.intake (
      network_id bigint NOT NULL,
      intake_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      file_sha256 text NOT NULL CONSTRAINT intake_file_sha256 CHECK (length(file_sha256) = 64),
      chunk_lines integer NOT NULL
        CONSTRAINT intake_chunk_lines CHECK (chunk_lines BETWEEN 1 AND 10000),
      lines bigint CONSTRAINT intake_lines CHECK (lines >= 0),
      actor text NOT NULL,
      opened_at timestamptz NOT NULL,
      closed_at timestamptz,
      CONSTRAINT intake_pkey PRIMARY KEY (network_id, intake_id),
      CONSTRAINT intake_file_key UNIQUE (network_id, partner_id, file_sha256),
      CONSTRAINT intake_closed CHECK ((closed_at IS NULL) = (lines IS NULL))
    )
    """,
    """
    CREATE TABLE partners.intake_chunk (
      network_id bigint NOT NULL,
      intake_id uuid NOT NULL,
      first_line bigint NOT NULL CONSTRAINT intake_chunk_first_line CHECK (first_line > 0),
      partner_id uuid NOT NULL,
      recorded integer NOT NULL,
      replayed integer NOT NULL,
      refused integer NOT NULL,
      taken_at timestamptz NOT NULL,
      CONSTRAINT intake_chunk_pkey PRIMARY KEY (network_id, intake_id, first_line)
    )
    """,
    """
    CREATE TABLE partners.intake_refusal (
      network_id bigint NOT NULL,
      intake_id uuid NOT NULL,
      line bigint NOT NULL,
      partner_id uuid NOT NULL,
      external_id text,
      reason text NOT NULL,
      CONSTRAINT intake_refusal_pkey PRIMARY KEY (network_id, intake_id, line)
    )
    """,
    # COPY is refused where there are policies, so lines pass through a table without any, within
    # one transaction each: nobody ever sees another's, and a crash leaves none.
    """
    CREATE UNLOGGED TABLE partners.purchase_staging (
      network_id bigint NOT NULL,
      batch_id uuid NOT NULL,
      line bigint NOT NULL,
      partner_id uuid NOT NULL,
      member_id uuid,
      member_external_id text,
      category text,
      purchased_at timestamptz NOT NULL,
      CONSTRAINT purchase_staging_pkey PRIMARY KEY (network_id, batch_id, line)
    )
    """,
]

_FOREIGN_KEYS = [
    f"ALTER TABLE partners.{name} ADD CONSTRAINT {name}_intake_fkey"
    " FOREIGN KEY (network_id, intake_id) REFERENCES partners.intake (network_id, intake_id)"
    for name in ("intake_chunk", "intake_refusal")
]

_PRIVILEGES = {
    "intake": "SELECT, INSERT, UPDATE (lines, closed_at)",
    "intake_chunk": "SELECT, INSERT, UPDATE (recorded, replayed, refused)",
    "intake_refusal": "SELECT, INSERT",
    "purchase_staging": "SELECT, INSERT, DELETE",
}


def upgrade() -> None:
    """Create the tables of intakes, and the one that their lines pass through."""
    for statement in _TABLES + _FOREIGN_KEYS:
        op.execute(statement)
    for name in ("intake", "intake_chunk", "intake_refusal"):
        for statement in wall(f"partners.{name}", owners=("partner_id",)):
            op.execute(statement)
        op.execute(grant(f"partners.{name}", "SELECT", "mizan_audit"))
    for name, privileges in _PRIVILEGES.items():
        op.execute(grant(f"partners.{name}", privileges))
