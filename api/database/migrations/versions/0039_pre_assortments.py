"""Where members stand, and which rewards a programme shows to whom."""

from alembic import op

from api.database.ground import grant, wall

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_TABLES = [
    """
    CREATE TABLE partners.member_standing (
      network_id bigint NOT NULL,
      member_standing_id uuid NOT NULL,
      member_id uuid NOT NULL,
      version integer NOT NULL CONSTRAINT member_standing_version CHECK (version > 0),
      tier text CONSTRAINT member_standing_tier CHECK (length(tier) BETWEEN 1 AND 60),
      segments text[] NOT NULL
        CONSTRAINT member_standing_segments CHECK (cardinality(segments) <= 50),
      set_by text NOT NULL,
      set_at timestamptz NOT NULL,
      CONSTRAINT member_standing_pkey PRIMARY KEY (network_id, member_standing_id),
      CONSTRAINT member_standing_version_key UNIQUE (network_id, member_id, version)
    )
    """,
    """
    CREATE TABLE catalog.assortment (
      network_id bigint NOT NULL,
      assortment_id uuid NOT NULL,
      programme_id uuid NOT NULL,
      version integer NOT NULL CONSTRAINT assortment_version CHECK (version > 0),
      published_by text NOT NULL,
      published_at timestamptz NOT NULL,
      CONSTRAINT assortment_pkey PRIMARY KEY (network_id, assortment_id),
      CONSTRAINT assortment_version_key UNIQUE (network_id, programme_id, version)
    )
    """,
    """
    CREATE TABLE catalog.assortment_rule (
      network_id bigint NOT NULL,
      assortment_id uuid NOT NULL,
      number integer NOT NULL CONSTRAINT assortment_rule_number CHECK (number BETWEEN 1 AND 100),
      effect text NOT NULL CONSTRAINT assortment_rule_effect CHECK (effect IN ('allow', 'deny')),
      brand_ids uuid[],
      categories text[],
      countries varchar(2)[],
      cost_min bigint CONSTRAINT assortment_rule_cost_min CHECK (cost_min >= 0),
      cost_max bigint CONSTRAINT assortment_rule_cost_max CHECK (cost_max >= 0),
      cost_currency varchar(16),
      tiers text[],
      segments text[],
      starts_at timestamptz,
      ends_at timestamptz,
      early_access_for text[],
      CONSTRAINT assortment_rule_pkey PRIMARY KEY (network_id, assortment_id, number),
      CONSTRAINT assortment_rule_assortment_fkey FOREIGN KEY (network_id, assortment_id)
        REFERENCES catalog.assortment (network_id, assortment_id),
      CONSTRAINT assortment_rule_cost CHECK
        ((cost_currency IS NULL) = (cost_min IS NULL AND cost_max IS NULL)
          AND cost_min <= cost_max IS NOT FALSE),
      CONSTRAINT assortment_rule_time CHECK (starts_at < ends_at IS NOT FALSE),
      CONSTRAINT assortment_rule_early CHECK
        (early_access_for IS NULL OR (effect = 'allow' AND starts_at IS NOT NULL))
    )
    """,
]


def upgrade() -> None:
    """Make the tables; without an assortment everything is shown, as before."""
    for statement in _TABLES:
        op.execute(statement)
    owners = {"partners.member_standing": ("member_id",)}
    for table in ("partners.member_standing", "catalog.assortment", "catalog.assortment_rule"):
        for statement in wall(table, owners=owners.get(table)):
            op.execute(statement)
        op.execute(grant(table, "SELECT, INSERT"))
