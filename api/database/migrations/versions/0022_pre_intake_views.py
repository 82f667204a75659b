"""What is shown of intakes: the name of the file, and the auditor's views."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Files that came before have no name.
_NAME = (
    "ALTER TABLE partners.intake ADD COLUMN file_name text"
    " CONSTRAINT intake_file_name CHECK (length(file_name) BETWEEN 1 AND 255)"
)

_VIEWS = {
    "intake": "SELECT i.network_id, i.intake_id, i.partner_id, i.file_name, i.file_sha256,"
    " i.chunk_lines, i.lines, i.actor, i.opened_at, i.closed_at FROM partners.intake i",
    "intake_chunk": "SELECT c.network_id, c.intake_id, c.first_line, c.partner_id, c.recorded,"
    " c.replayed, c.refused, c.taken_at FROM partners.intake_chunk c",
    "intake_refusal": "SELECT r.network_id, r.intake_id, r.line, r.partner_id, r.external_id,"
    " r.reason FROM partners.intake_refusal r",
}


def upgrade() -> None:
    """Keep the file's name from now on, and show intakes to the auditor."""
    op.execute(_NAME)
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in _VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {body}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
