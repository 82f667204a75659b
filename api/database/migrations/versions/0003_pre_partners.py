"""Who takes part, under which terms, and why value is earned: the whole house of the people."""

from alembic import op

from api.database.ground import grant, wall

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PLATFORM_TABLES = [
    """
    CREATE TABLE partners.network (
      network_id bigint GENERATED ALWAYS AS IDENTITY,
      slug text NOT NULL CONSTRAINT network_slug_form
        CHECK (length(slug) BETWEEN 1 AND 64 AND slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
      name jsonb NOT NULL CONSTRAINT network_name_length CHECK (length(name::text) <= 4000),
      zone text NOT NULL CONSTRAINT network_zone_length CHECK (length(zone) BETWEEN 1 AND 64),
      currency varchar(16) NOT NULL,
      default_locale text NOT NULL
        CONSTRAINT network_locale_length CHECK (length(default_locale) BETWEEN 2 AND 16),
      created_at timestamptz NOT NULL,
      CONSTRAINT network_pkey PRIMARY KEY (network_id),
      CONSTRAINT network_slug_key UNIQUE (slug)
    )
    """,
    """
    CREATE TABLE partners.api_client (
      client_id text NOT NULL
        CONSTRAINT api_client_id_length CHECK (length(client_id) BETWEEN 8 AND 64),
      network_id bigint NOT NULL,
      kind text NOT NULL CONSTRAINT api_client_kind CHECK (kind IN ('partner', 'staff')),
      partner_id uuid,
      subject text NOT NULL
        CONSTRAINT api_client_subject CHECK (subject ~ '^[A-Za-z0-9_.:-]{1,64}$'),
      roles text[] NOT NULL CONSTRAINT api_client_roles CHECK
        (roles <@ ARRAY['operator', 'finance_maker', 'finance_checker', 'auditor']),
      secret_digest bytea CONSTRAINT api_client_digest CHECK (length(secret_digest) = 32),
      previous_digest bytea
        CONSTRAINT api_client_previous_digest CHECK (length(previous_digest) = 32),
      previous_until_at timestamptz,
      public_jwks jsonb
        CONSTRAINT api_client_jwks_length CHECK (length(public_jwks::text) <= 8000),
      is_active boolean NOT NULL,
      created_at timestamptz NOT NULL,
      CONSTRAINT api_client_pkey PRIMARY KEY (client_id),
      CONSTRAINT api_client_owner CHECK ((kind = 'partner') = (partner_id IS NOT NULL)),
      CONSTRAINT api_client_previous
        CHECK ((previous_digest IS NULL) = (previous_until_at IS NULL)),
      CONSTRAINT api_client_proof CHECK ((secret_digest IS NULL) <> (public_jwks IS NULL))
    )
    """,
    "CREATE INDEX api_client_by_network ON partners.api_client (network_id, partner_id)",
    """
    CREATE TABLE partners.brand_key (
      kid text NOT NULL CONSTRAINT brand_key_kid_length CHECK (length(kid) BETWEEN 1 AND 128),
      network_id bigint NOT NULL,
      partner_id uuid NOT NULL,
      public_jwk jsonb NOT NULL
        CONSTRAINT brand_key_jwk CHECK (length(public_jwk::text) <= 1000 AND NOT public_jwk ? 'd'),
      is_active boolean NOT NULL,
      created_at timestamptz NOT NULL,
      CONSTRAINT brand_key_pkey PRIMARY KEY (kid)
    )
    """,
    """
    CREATE TABLE partners.client_assertion (
      client_id text NOT NULL
        CONSTRAINT client_assertion_id_length CHECK (length(client_id) BETWEEN 1 AND 255),
      jti_digest bytea NOT NULL
        CONSTRAINT client_assertion_digest CHECK (length(jti_digest) = 32),
      expires_at timestamptz NOT NULL,
      CONSTRAINT client_assertion_pkey PRIMARY KEY (client_id, jti_digest)
    )
    """,
    "CREATE INDEX client_assertion_by_expiry ON partners.client_assertion (expires_at)",
]

_TENANT_TABLES = [
    """
    CREATE TABLE partners.partner (
      network_id bigint NOT NULL,
      partner_id uuid NOT NULL,
      name jsonb NOT NULL CONSTRAINT partner_name_length CHECK (length(name::text) <= 4000),
      roles text[] NOT NULL CONSTRAINT partner_roles CHECK
        (cardinality(roles) > 0 AND roles <@ ARRAY['merchant', 'supplier', 'brand', 'sponsor']),
      country text NOT NULL CONSTRAINT partner_country CHECK (country ~ '^[A-Z]{2}$'),
      state text NOT NULL CONSTRAINT partner_state CHECK (state IN ('active', 'suspended')),
      created_at timestamptz NOT NULL,
      CONSTRAINT partner_pkey PRIMARY KEY (network_id, partner_id)
    )
    """,
    """
    CREATE TABLE partners.agreement (
      network_id bigint NOT NULL,
      agreement_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      version integer NOT NULL CONSTRAINT agreement_version CHECK (version >= 1),
      currency varchar(16) NOT NULL,
      purchase_fee_bps integer NOT NULL
        CONSTRAINT agreement_purchase_fee CHECK (purchase_fee_bps BETWEEN 0 AND 10000),
      acceptance_fee_bps integer NOT NULL
        CONSTRAINT agreement_acceptance_fee CHECK (acceptance_fee_bps BETWEEN 0 AND 10000),
      experience_commission_bps integer NOT NULL CONSTRAINT agreement_experience_commission
        CHECK (experience_commission_bps BETWEEN 0 AND 10000),
      return_window_days integer NOT NULL
        CONSTRAINT agreement_return_window CHECK (return_window_days BETWEEN 0 AND 365),
      starts_at timestamptz NOT NULL,
      ends_at timestamptz,
      created_at timestamptz NOT NULL,
      CONSTRAINT agreement_pkey PRIMARY KEY (network_id, agreement_id),
      CONSTRAINT agreement_version_key UNIQUE (network_id, partner_id, version),
      CONSTRAINT agreement_span CHECK (ends_at > starts_at)
    )
    """,
    # Of one partner's versions only the newest is open-ended: two can never be in force at once.
    "CREATE UNIQUE INDEX agreement_current ON partners.agreement (network_id, partner_id)"
    " WHERE ends_at IS NULL",
    """
    CREATE TABLE partners.member (
      network_id bigint NOT NULL,
      member_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      external_id text NOT NULL
        CONSTRAINT member_external_id_length CHECK (length(external_id) BETWEEN 1 AND 255),
      state text NOT NULL CONSTRAINT member_state CHECK (state IN ('active', 'closed')),
      enrolled_at timestamptz NOT NULL,
      CONSTRAINT member_pkey PRIMARY KEY (network_id, member_id),
      CONSTRAINT member_identity_key UNIQUE (network_id, partner_id, external_id)
    )
    """,
    """
    CREATE TABLE partners.earn_rule (
      network_id bigint NOT NULL,
      rule_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      category text CONSTRAINT earn_rule_category_length CHECK (length(category) BETWEEN 1 AND 64),
      rate_bps integer NOT NULL CONSTRAINT earn_rule_rate CHECK (rate_bps BETWEEN 0 AND 10000),
      requires_activation boolean NOT NULL,
      funding jsonb NOT NULL CONSTRAINT earn_rule_funding CHECK
        (jsonb_typeof(funding) = 'array' AND length(funding::text) <= 4000),
      starts_at timestamptz NOT NULL,
      ends_at timestamptz,
      created_at timestamptz NOT NULL,
      CONSTRAINT earn_rule_pkey PRIMARY KEY (network_id, rule_id),
      CONSTRAINT earn_rule_span CHECK (ends_at > starts_at)
    )
    """,
    "CREATE INDEX earn_rule_by_partner ON partners.earn_rule (network_id, partner_id, starts_at)",
    """
    CREATE TABLE partners.rule_activation (
      network_id bigint NOT NULL,
      rule_id uuid NOT NULL,
      member_id uuid NOT NULL,
      activated_at timestamptz NOT NULL,
      CONSTRAINT rule_activation_pkey PRIMARY KEY (network_id, rule_id, member_id)
    )
    """,
    "CREATE INDEX rule_activation_by_member ON partners.rule_activation (network_id, member_id)",
    """
    CREATE TABLE partners.purchase (
      network_id bigint NOT NULL,
      purchase_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      member_id uuid NOT NULL,
      external_id text NOT NULL
        CONSTRAINT purchase_external_id_length CHECK (length(external_id) BETWEEN 1 AND 255),
      amount bigint NOT NULL CONSTRAINT purchase_amount CHECK (amount > 0),
      returned bigint NOT NULL,
      currency varchar(16) NOT NULL,
      category text CONSTRAINT purchase_category_length CHECK (length(category) BETWEEN 1 AND 64),
      agreement_id uuid NOT NULL,
      purchased_at timestamptz NOT NULL,
      recorded_at timestamptz NOT NULL,
      CONSTRAINT purchase_pkey PRIMARY KEY (network_id, purchase_id),
      CONSTRAINT purchase_external_key UNIQUE (network_id, partner_id, external_id),
      CONSTRAINT purchase_returned CHECK (returned BETWEEN 0 AND amount)
    )
    """,
    "CREATE INDEX purchase_by_partner ON partners.purchase"
    " (network_id, partner_id, purchased_at, purchase_id)",
    "CREATE INDEX purchase_by_member ON partners.purchase"
    " (network_id, member_id, purchased_at, purchase_id)",
    "CREATE INDEX purchase_by_time ON partners.purchase (network_id, purchased_at, purchase_id)",
    """
    CREATE TABLE partners.purchase_return (
      network_id bigint NOT NULL,
      return_id uuid NOT NULL,
      purchase_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      member_id uuid NOT NULL,
      external_id text NOT NULL
        CONSTRAINT purchase_return_external_id_length CHECK (length(external_id) BETWEEN 1 AND 255),
      amount bigint NOT NULL CONSTRAINT purchase_return_amount CHECK (amount > 0),
      currency varchar(16) NOT NULL,
      cashback bigint NOT NULL CONSTRAINT purchase_return_cashback CHECK (cashback >= 0),
      fee bigint NOT NULL CONSTRAINT purchase_return_fee CHECK (fee >= 0),
      debt bigint NOT NULL
        CONSTRAINT purchase_return_debt CHECK (debt BETWEEN 0 AND cashback),
      returned_at timestamptz NOT NULL,
      CONSTRAINT purchase_return_pkey PRIMARY KEY (network_id, return_id),
      CONSTRAINT purchase_return_external_key UNIQUE (network_id, partner_id, external_id)
    )
    """,
    "CREATE INDEX purchase_return_by_purchase ON partners.purchase_return"
    " (network_id, purchase_id, return_id)",
    """
    CREATE TABLE partners.accrual (
      network_id bigint NOT NULL,
      accrual_id uuid NOT NULL,
      purchase_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      member_id uuid NOT NULL,
      rule_id uuid,
      rate_bps integer NOT NULL,
      state text NOT NULL CONSTRAINT accrual_state
        CHECK (state IN ('pending', 'available', 'reversed', 'expired')),
      cashback bigint NOT NULL,
      cashback_reversed bigint NOT NULL,
      fee bigint NOT NULL,
      fee_reversed bigint NOT NULL,
      debt_offset bigint NOT NULL CONSTRAINT accrual_debt_offset CHECK (debt_offset >= 0),
      currency varchar(16) NOT NULL,
      earned_at timestamptz NOT NULL,
      available_at timestamptz NOT NULL,
      confirmed_at timestamptz,
      pending_journal_id uuid,
      confirm_journal_id uuid,
      CONSTRAINT accrual_pkey PRIMARY KEY (network_id, accrual_id),
      CONSTRAINT accrual_purchase_key UNIQUE (network_id, purchase_id),
      CONSTRAINT accrual_cashback CHECK (cashback_reversed BETWEEN 0 AND cashback),
      CONSTRAINT accrual_fee CHECK (fee_reversed BETWEEN 0 AND fee)
    )
    """,
    "CREATE INDEX accrual_by_partner ON partners.accrual"
    " (network_id, partner_id, earned_at, accrual_id)",
    "CREATE INDEX accrual_by_member ON partners.accrual"
    " (network_id, member_id, earned_at, accrual_id)",
    "CREATE INDEX accrual_by_time ON partners.accrual (network_id, earned_at, accrual_id)",
    """
    CREATE TABLE partners.accrual_share (
      network_id bigint NOT NULL,
      accrual_id uuid NOT NULL,
      line smallint NOT NULL,
      funder text NOT NULL
        CONSTRAINT accrual_share_funder CHECK (funder IN ('partner', 'network')),
      partner_id uuid,
      amount bigint NOT NULL,
      reversed bigint NOT NULL,
      CONSTRAINT accrual_share_pkey PRIMARY KEY (network_id, accrual_id, line),
      CONSTRAINT accrual_share_owner CHECK ((funder = 'partner') = (partner_id IS NOT NULL)),
      CONSTRAINT accrual_share_amount CHECK (reversed BETWEEN 0 AND amount)
    )
    """,
    "CREATE INDEX accrual_share_by_partner ON partners.accrual_share"
    " (network_id, partner_id, accrual_id)",
]

# Foreign keys stay inside a room: a room's tables are its own business.
_FOREIGN_KEYS = [
    "ALTER TABLE partners.agreement ADD CONSTRAINT agreement_partner_fkey"
    " FOREIGN KEY (network_id, partner_id) REFERENCES partners.partner (network_id, partner_id)",
    "ALTER TABLE partners.rule_activation ADD CONSTRAINT rule_activation_rule_fkey"
    " FOREIGN KEY (network_id, rule_id) REFERENCES partners.earn_rule (network_id, rule_id)",
    "ALTER TABLE partners.purchase_return ADD CONSTRAINT purchase_return_purchase_fkey FOREIGN KEY"
    " (network_id, purchase_id) REFERENCES partners.purchase (network_id, purchase_id)",
    "ALTER TABLE partners.accrual_share ADD CONSTRAINT accrual_share_accrual_fkey"
    " FOREIGN KEY (network_id, accrual_id) REFERENCES partners.accrual (network_id, accrual_id)",
]

# Merchants' names are for every eye of the network; the rest belongs to its partner or member.
_OWNERS: dict[str, tuple[str, ...] | None] = {
    "partner": None,
    "agreement": ("partner_id",),
    "member": ("partner_id", "member_id"),
    "earn_rule": ("partner_id",),
    "rule_activation": ("member_id",),
    "purchase": ("partner_id", "member_id"),
    "purchase_return": ("partner_id", "member_id"),
    "accrual": ("partner_id", "member_id"),
    "accrual_share": ("partner_id",),
}

_PRIVILEGES = {
    "network": "SELECT, INSERT",
    "api_client": "SELECT, INSERT,"
    " UPDATE (secret_digest, previous_digest, previous_until_at, is_active)",
    "brand_key": "SELECT, INSERT, UPDATE (is_active)",
    "client_assertion": "SELECT, INSERT, UPDATE (expires_at), DELETE",
    "partner": "SELECT, INSERT, UPDATE (state)",
    "agreement": "SELECT, INSERT, UPDATE (ends_at)",
    "member": "SELECT, INSERT, UPDATE (state)",
    "earn_rule": "SELECT, INSERT",
    "rule_activation": "SELECT, INSERT",
    "purchase": "SELECT, INSERT, UPDATE (returned)",
    "purchase_return": "SELECT, INSERT",
    "accrual": "SELECT, INSERT, UPDATE (state, cashback_reversed, fee_reversed, debt_offset,"
    " confirmed_at, confirm_journal_id)",
    "accrual_share": "SELECT, INSERT, UPDATE (reversed)",
}


def upgrade() -> None:
    """Create the people's tables: platform directories, and tenant tables behind their walls."""
    for statement in _PLATFORM_TABLES + _TENANT_TABLES + _FOREIGN_KEYS:
        op.execute(statement)
    for name, owners in _OWNERS.items():
        for statement in wall(f"partners.{name}", owners=owners):
            op.execute(statement)
        op.execute(grant(f"partners.{name}", "SELECT", "mizan_audit"))
    for name, privileges in _PRIVILEGES.items():
        op.execute(grant(f"partners.{name}", privileges))
    op.execute(grant("partners.network", "SELECT", "mizan_audit"))
