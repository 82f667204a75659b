"""What a member can get: brands, suppliers, rewards in immutable versions, and exchange rates."""

from alembic import op

from api.database.ground import grant, wall

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_RATES_BRANDS_AND_SUPPLIERS = [
    """
    CREATE TABLE payouts.fx_rate (
      network_id bigint NOT NULL,
      fx_rate_id uuid NOT NULL,
      base varchar(16) NOT NULL,
      quote varchar(16) NOT NULL,
      value numeric(20,10) NOT NULL CONSTRAINT fx_rate_value CHECK (value > 0),
      source text NOT NULL CONSTRAINT fx_rate_source CHECK (length(source) BETWEEN 1 AND 80),
      observed_at timestamptz NOT NULL,
      max_age_seconds integer NOT NULL
        CONSTRAINT fx_rate_max_age CHECK (max_age_seconds > 0),
      published_at timestamptz NOT NULL,
      CONSTRAINT fx_rate_pkey PRIMARY KEY (network_id, fx_rate_id),
      CONSTRAINT fx_rate_pair CHECK (base <> quote)
    )
    """,
    "CREATE INDEX fx_rate_by_pair ON payouts.fx_rate"
    " (network_id, quote, base, observed_at, fx_rate_id)",
    """
    CREATE TABLE catalog.brand (
      network_id bigint NOT NULL,
      brand_id uuid NOT NULL,
      slug text NOT NULL CONSTRAINT brand_slug CHECK (length(slug) BETWEEN 1 AND 120),
      name jsonb NOT NULL CONSTRAINT brand_name CHECK (length(name::text) <= 4000),
      partner_id uuid,
      logo_url text CONSTRAINT brand_logo CHECK (length(logo_url) <= 2000),
      created_at timestamptz NOT NULL,
      CONSTRAINT brand_pkey PRIMARY KEY (network_id, brand_id),
      CONSTRAINT brand_slug_key UNIQUE (network_id, slug)
    )
    """,
    """
    CREATE TABLE catalog.supplier (
      network_id bigint NOT NULL,
      supplier_id uuid NOT NULL,
      name text NOT NULL CONSTRAINT supplier_name CHECK (length(name) BETWEEN 1 AND 60),
      partner_id uuid,
      discount_share_bps integer NOT NULL
        CONSTRAINT supplier_discount_share CHECK (discount_share_bps BETWEEN 0 AND 10000),
      fx_margin_bps integer NOT NULL
        CONSTRAINT supplier_fx_margin CHECK (fx_margin_bps BETWEEN 0 AND 10000),
      created_at timestamptz NOT NULL,
      CONSTRAINT supplier_pkey PRIMARY KEY (network_id, supplier_id),
      CONSTRAINT supplier_name_key UNIQUE (network_id, name)
    )
    """,
]

_REWARDS = [
    """
    CREATE TABLE catalog.reward (
      network_id bigint NOT NULL,
      reward_id uuid NOT NULL,
      kind text NOT NULL
        CONSTRAINT reward_kind CHECK (kind IN ('gift_card', 'experience', 'offer')),
      state text NOT NULL CONSTRAINT reward_state CHECK (state IN ('draft', 'active', 'retired')),
      brand_id uuid,
      partner_id uuid,
      supplier_id uuid,
      supplier_sku text CONSTRAINT reward_supplier_sku CHECK (length(supplier_sku) <= 80),
      supplier_country varchar(2),
      rank bigint NOT NULL CONSTRAINT reward_rank CHECK (rank >= 0),
      latest_version integer NOT NULL CONSTRAINT reward_latest_version CHECK (latest_version > 0),
      current_version integer,
      rule_id uuid,
      created_at timestamptz NOT NULL,
      published_at timestamptz,
      retired_at timestamptz,
      is_withdrawn boolean NOT NULL,
      CONSTRAINT reward_pkey PRIMARY KEY (network_id, reward_id),
      CONSTRAINT reward_supplier_key
        UNIQUE (network_id, supplier_id, supplier_country, supplier_sku),
      CONSTRAINT reward_current CHECK (current_version <= latest_version),
      CONSTRAINT reward_active CHECK (state <> 'active' OR current_version IS NOT NULL),
      CONSTRAINT reward_withdrawn CHECK (NOT is_withdrawn OR state = 'retired')
    )
    """,
    """
    CREATE TABLE catalog.reward_version (
      network_id bigint NOT NULL,
      reward_id uuid NOT NULL,
      version integer NOT NULL CONSTRAINT reward_version_number CHECK (version > 0),
      digest text,
      category text CONSTRAINT reward_version_category CHECK (length(category) <= 200),
      countries varchar(2)[] NOT NULL
        CONSTRAINT reward_version_countries CHECK (cardinality(countries) BETWEEN 1 AND 300),
      image_urls text[] NOT NULL
        CONSTRAINT reward_version_images CHECK (cardinality(image_urls) <= 20),
      face_currency varchar(16),
      cost_currency varchar(16),
      min_face bigint,
      max_face bigint,
      face_step bigint,
      min_cost bigint,
      max_cost bigint,
      cost_rate numeric(30,12),
      fee bigint CONSTRAINT reward_version_fee CHECK (fee >= 0),
      fee_percent numeric(9,6)
        CONSTRAINT reward_version_fee_percent CHECK (fee_percent BETWEEN 0 AND 100),
      discount_percent numeric(9,6)
        CONSTRAINT reward_version_discount CHECK (discount_percent BETWEEN 0 AND 100),
      needs_user_id boolean NOT NULL,
      price bigint CONSTRAINT reward_version_price CHECK (price > 0),
      price_currency varchar(16),
      free_until_hours integer
        CONSTRAINT reward_version_free_until CHECK (free_until_hours >= 0),
      penalty_bps integer
        CONSTRAINT reward_version_penalty CHECK (penalty_bps BETWEEN 0 AND 10000),
      rate_bps integer CONSTRAINT reward_version_rate CHECK (rate_bps BETWEEN 1 AND 10000),
      funding jsonb CONSTRAINT reward_version_funding CHECK (length(funding::text) <= 8000),
      starts_at timestamptz,
      ends_at timestamptz,
      created_at timestamptz NOT NULL,
      CONSTRAINT reward_version_pkey PRIMARY KEY (network_id, reward_id, version),
      CONSTRAINT reward_version_range CHECK (
        (min_face IS NULL AND max_face IS NULL AND face_step IS NULL AND cost_rate IS NULL)
        OR (min_face > 0 AND max_face >= min_face AND face_step > 0 AND cost_rate > 0
            AND min_cost > 0 AND max_cost >= min_cost)
      ),
      CONSTRAINT reward_version_span CHECK (ends_at > starts_at)
    )
    """,
    """
    CREATE TABLE catalog.reward_text (
      network_id bigint NOT NULL,
      reward_id uuid NOT NULL,
      version integer NOT NULL,
      locale text NOT NULL CONSTRAINT reward_text_locale CHECK (length(locale) BETWEEN 2 AND 16),
      title text NOT NULL CONSTRAINT reward_text_title CHECK (length(title) BETWEEN 1 AND 200),
      description text NOT NULL
        CONSTRAINT reward_text_description CHECK (length(description) <= 4000),
      terms text NOT NULL CONSTRAINT reward_text_terms CHECK (length(terms) <= 20000),
      instructions text NOT NULL
        CONSTRAINT reward_text_instructions CHECK (length(instructions) <= 20000),
      CONSTRAINT reward_text_pkey PRIMARY KEY (network_id, reward_id, version, locale)
    )
    """,
    """
    CREATE TABLE catalog.reward_denomination (
      network_id bigint NOT NULL,
      reward_id uuid NOT NULL,
      version integer NOT NULL,
      face bigint NOT NULL CONSTRAINT reward_denomination_face CHECK (face > 0),
      face_currency varchar(16) NOT NULL,
      cost bigint NOT NULL CONSTRAINT reward_denomination_cost CHECK (cost > 0),
      cost_currency varchar(16) NOT NULL,
      CONSTRAINT reward_denomination_pkey PRIMARY KEY (network_id, reward_id, version, face)
    )
    """,
    """
    CREATE TABLE catalog.reward_publication (
      network_id bigint NOT NULL,
      reward_publication_id uuid NOT NULL,
      reward_id uuid NOT NULL,
      version integer NOT NULL,
      rule_id uuid,
      published_at timestamptz NOT NULL,
      CONSTRAINT reward_publication_pkey PRIMARY KEY (network_id, reward_publication_id)
    )
    """,
    "CREATE INDEX reward_publication_by_reward ON catalog.reward_publication"
    " (network_id, reward_id, published_at)",
    """
    CREATE TABLE catalog.reward_market (
      network_id bigint NOT NULL,
      country varchar(2) NOT NULL,
      rank bigint NOT NULL,
      reward_id uuid NOT NULL,
      kind text NOT NULL,
      CONSTRAINT reward_market_pkey PRIMARY KEY (network_id, country, rank, reward_id)
    )
    """,
    "CREATE INDEX reward_market_by_kind ON catalog.reward_market"
    " (network_id, country, kind, rank, reward_id)",
    "CREATE INDEX reward_market_by_reward ON catalog.reward_market (network_id, reward_id)",
]

_IMPORTS_AND_ACTIVATIONS = [
    """
    CREATE TABLE catalog.catalogue_import (
      network_id bigint NOT NULL,
      catalogue_import_id uuid NOT NULL,
      supplier_id uuid NOT NULL,
      file_sha256 text
        CONSTRAINT catalogue_import_sha256 CHECK (length(file_sha256) = 64),
      actor text NOT NULL,
      items integer NOT NULL,
      is_complete boolean NOT NULL,
      added integer NOT NULL,
      changed integer NOT NULL,
      withdrawn integer NOT NULL,
      unchanged integer NOT NULL,
      refused integer NOT NULL,
      started_at timestamptz NOT NULL,
      finished_at timestamptz,
      CONSTRAINT catalogue_import_pkey PRIMARY KEY (network_id, catalogue_import_id)
    )
    """,
    "CREATE INDEX catalogue_import_by_supplier ON catalog.catalogue_import"
    " (network_id, supplier_id, started_at)",
    """
    CREATE TABLE catalog.catalogue_import_refusal (
      network_id bigint NOT NULL,
      catalogue_import_id uuid NOT NULL,
      item integer NOT NULL,
      supplier_sku text,
      reasons jsonb NOT NULL,
      CONSTRAINT catalogue_import_refusal_pkey
        PRIMARY KEY (network_id, catalogue_import_id, item)
    )
    """,
    """
    CREATE TABLE catalog.offer_activation (
      network_id bigint NOT NULL,
      offer_activation_id uuid NOT NULL,
      reward_id uuid NOT NULL,
      version integer NOT NULL,
      rule_id uuid NOT NULL,
      member_id uuid NOT NULL,
      activated_at timestamptz NOT NULL,
      CONSTRAINT offer_activation_pkey PRIMARY KEY (network_id, offer_activation_id),
      CONSTRAINT offer_activation_key UNIQUE (network_id, member_id, rule_id)
    )
    """,
    "CREATE INDEX offer_activation_by_reward ON catalog.offer_activation"
    " (network_id, reward_id, member_id)",
]

_VERSION = "(network_id, reward_id, version)"
_FOREIGN_KEYS = [
    "ALTER TABLE catalog.reward_version ADD CONSTRAINT reward_version_reward_fkey"
    " FOREIGN KEY (network_id, reward_id) REFERENCES catalog.reward (network_id, reward_id)",
    "ALTER TABLE catalog.reward_text ADD CONSTRAINT reward_text_version_fkey"
    f" FOREIGN KEY {_VERSION} REFERENCES catalog.reward_version {_VERSION}",
    "ALTER TABLE catalog.reward_denomination ADD CONSTRAINT reward_denomination_version_fkey"
    f" FOREIGN KEY {_VERSION} REFERENCES catalog.reward_version {_VERSION}",
    "ALTER TABLE catalog.reward_publication ADD CONSTRAINT reward_publication_version_fkey"
    f" FOREIGN KEY {_VERSION} REFERENCES catalog.reward_version {_VERSION}",
    "ALTER TABLE catalog.reward_market ADD CONSTRAINT reward_market_reward_fkey"
    " FOREIGN KEY (network_id, reward_id) REFERENCES catalog.reward (network_id, reward_id)",
    "ALTER TABLE catalog.catalogue_import_refusal"
    " ADD CONSTRAINT catalogue_import_refusal_import_fkey"
    " FOREIGN KEY (network_id, catalogue_import_id)"
    " REFERENCES catalog.catalogue_import (network_id, catalogue_import_id)",
]

# Who owns the rows inside a network (None: everybody there reads them), and what the service may
# do; versions, publications, rates and refusals are only ever added.
_OWNERS_AND_GRANTS: dict[str, tuple[tuple[str, ...] | None, str]] = {
    "payouts.fx_rate": (None, "SELECT, INSERT"),
    "catalog.brand": (None, "SELECT, INSERT, UPDATE (name, logo_url)"),
    "catalog.supplier": (
        None,
        "SELECT, INSERT, UPDATE (discount_share_bps, fx_margin_bps)",
    ),
    "catalog.reward": (
        None,
        "SELECT, INSERT, UPDATE (state, brand_id, rank, latest_version, current_version, rule_id,"
        " published_at, retired_at, is_withdrawn)",
    ),
    "catalog.reward_version": (None, "SELECT, INSERT"),
    "catalog.reward_text": (None, "SELECT, INSERT"),
    "catalog.reward_denomination": (None, "SELECT, INSERT"),
    "catalog.reward_publication": (None, "SELECT, INSERT"),
    "catalog.reward_market": (None, "SELECT, INSERT, DELETE"),
    "catalog.catalogue_import": (
        (),
        "SELECT, INSERT, UPDATE (added, changed, withdrawn, unchanged, refused, finished_at)",
    ),
    "catalog.catalogue_import_refusal": ((), "SELECT, INSERT"),
    "catalog.offer_activation": (("member_id",), "SELECT, INSERT"),
}


def upgrade() -> None:
    """Create the shop's tables and the exchange rates, walled by network."""
    for statement in (*_RATES_BRANDS_AND_SUPPLIERS, *_REWARDS, *_IMPORTS_AND_ACTIVATIONS):
        op.execute(statement)
    for statement in _FOREIGN_KEYS:
        op.execute(statement)
    for table, (owners, privileges) in _OWNERS_AND_GRANTS.items():
        for statement in wall(table, owners=owners):
            op.execute(statement)
        op.execute(grant(table, privileges))
        op.execute(grant(table, "SELECT", "mizan_audit"))
