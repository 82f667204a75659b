"""Programmes: the schemes inside a network. Every earn rule belongs to one."""

from alembic import op
from sqlalchemy import text

from api.database.ground import grant, wall
from payouts.money import new_id

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLE = """
    CREATE TABLE partners.programme (
      network_id bigint NOT NULL,
      programme_id uuid NOT NULL,
      slug text NOT NULL CONSTRAINT programme_slug_form
        CHECK (length(slug) BETWEEN 1 AND 64 AND slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
      name jsonb NOT NULL CONSTRAINT programme_name_length CHECK (length(name::text) <= 4000),
      sponsor_partner_id uuid,
      created_at timestamptz NOT NULL,
      CONSTRAINT programme_pkey PRIMARY KEY (network_id, programme_id),
      CONSTRAINT programme_slug_key UNIQUE (network_id, slug),
      CONSTRAINT programme_default CHECK (slug <> 'default' OR sponsor_partner_id IS NULL)
    )
    """

_EARLIER_RULES = """
    SELECT r.network_id, n.name::text AS name, min(r.created_at) AS since, count(*) AS rules
    FROM partners.earn_rule r LEFT JOIN partners.network n ON n.network_id = r.network_id
    GROUP BY r.network_id, n.name ORDER BY r.network_id
    """
_DEFAULT = """
    INSERT INTO partners.programme (network_id, programme_id, slug, name, created_at)
    VALUES (:network_id, :programme_id, 'default', CAST(:name AS jsonb), :since)
    """
_PLACED = """
    UPDATE partners.earn_rule SET programme_id = :programme_id
    WHERE network_id = :network_id AND programme_id IS NULL
    """


def upgrade() -> None:
    """Create programmes behind their wall, and give every earlier rule its network's own."""
    op.execute(_TABLE)
    for statement in wall("partners.programme"):
        op.execute(statement)
    op.execute(grant("partners.programme", "SELECT, INSERT"))
    op.execute(grant("partners.programme", "SELECT", "mizan_audit"))
    op.execute("ALTER TABLE partners.earn_rule ADD COLUMN programme_id uuid")
    # The owner stands before the walls like everybody; only this role sees all networks' rows,
    # and a foreign key is checked against the rows that whoever adds it can see.
    op.execute("SET LOCAL ROLE mizan_migrator")
    _place_earlier_rules()
    op.execute("ALTER TABLE partners.earn_rule ALTER COLUMN programme_id SET NOT NULL")
    op.execute(
        "ALTER TABLE partners.earn_rule ADD CONSTRAINT earn_rule_programme_fkey FOREIGN KEY"
        " (network_id, programme_id) REFERENCES partners.programme (network_id, programme_id)"
    )
    op.execute("SET LOCAL ROLE mizan_owner")


def _place_earlier_rules() -> None:
    db = op.get_bind()
    for row in db.execute(text(_EARLIER_RULES)).all():
        place = {"network_id": row.network_id, "programme_id": new_id(row.since)}
        db.execute(text(_DEFAULT), {**place, "name": row.name, "since": row.since})
        placed = db.execute(text(_PLACED), place).rowcount
        if placed != row.rules:
            raise RuntimeError(
                f"{placed} of {row.rules} rules of network {row.network_id} got a programme"
            )
