"""Settlement cycles, payees, payouts and the inbox of webhooks."""

from alembic import op

from api.database.ground import grant, wall

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _words(column: str, name: str, *words: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} text NOT NULL CONSTRAINT {name} CHECK ({column} IN ({listed}))"


def _short(column: str, name: str, *, most: int = 255, rest: str = "") -> str:
    return f"{column} text {rest} CONSTRAINT {name} CHECK (length({column}) <= {most})"


_ATTEMPT_STATES = (
    "prepared", "sent", "accepted", "unknown", "succeeded",
    "failed_retryable", "failed_final", "returned",
)  # fmt: skip
_LIVE = "state IN ('prepared', 'sent', 'accepted', 'unknown')"


def _attempt_columns(table: str) -> str:
    return f"""
      amount bigint NOT NULL CONSTRAINT {table}_amount CHECK (amount > 0),
      currency varchar(16) NOT NULL,
      {_words("state", f"{table}_state", *_ATTEMPT_STATES)},
      {_short("external_id", f"{table}_external")},
      {_short("code", f"{table}_code")},
      sends smallint NOT NULL CONSTRAINT {table}_sends CHECK (sends >= 1),
      lookups smallint NOT NULL CONSTRAINT {table}_lookups CHECK (lookups >= 0),
      prepared_at timestamptz NOT NULL,
      sent_at timestamptz NOT NULL,
      resolved_at timestamptz
    """


_TABLES = [
    f"""
    CREATE TABLE payouts.settlement_cycle (
      network_id bigint NOT NULL,
      cycle_id uuid NOT NULL,
      number bigint NOT NULL CONSTRAINT settlement_cycle_number CHECK (number > 0),
      from_seq bigint NOT NULL CONSTRAINT settlement_cycle_from CHECK (from_seq >= 0),
      to_seq bigint NOT NULL,
      {
        _words(
            "state",
            "settlement_cycle_state",
            "in_review",
            "executing",
            "partially_settled",
            "settled",
        )
    },
      {_short("result_hash", "settlement_cycle_hash", most=64, rest="NOT NULL")},
      {_short("closed_by", "settlement_cycle_maker", rest="NOT NULL")},
      closed_at timestamptz NOT NULL,
      {_short("approved_by", "settlement_cycle_checker")},
      approved_at timestamptz,
      settled_at timestamptz,
      CONSTRAINT settlement_cycle_pkey PRIMARY KEY (network_id, cycle_id),
      CONSTRAINT settlement_cycle_from_key UNIQUE (network_id, from_seq),
      CONSTRAINT settlement_cycle_number_key UNIQUE (network_id, number),
      CONSTRAINT settlement_cycle_span CHECK (to_seq > from_seq),
      CONSTRAINT settlement_cycle_four_eyes CHECK (approved_by <> closed_by),
      CONSTRAINT settlement_cycle_approval CHECK (
        (state = 'in_review') = (approved_by IS NULL)
        AND (approved_by IS NULL) = (approved_at IS NULL)
        AND (state = 'settled') = (settled_at IS NOT NULL))
    )
    """,
    f"""
    CREATE TABLE payouts.statement (
      network_id bigint NOT NULL,
      statement_id uuid NOT NULL,
      cycle_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      number bigint NOT NULL CONSTRAINT statement_number CHECK (number > 0),
      currency varchar(16) NOT NULL,
      from_seq bigint NOT NULL,
      to_seq bigint NOT NULL,
      opening_receivable bigint NOT NULL,
      opening_payable bigint NOT NULL,
      receivable bigint NOT NULL,
      payable bigint NOT NULL,
      lines_count bigint NOT NULL CONSTRAINT statement_lines CHECK (lines_count >= 0),
      {_words("outcome", "statement_outcome", "pay", "collect", "netted", "carried")},
      {_short("content_hash", "statement_hash", most=64, rest="NOT NULL")},
      {_words("state", "statement_state", "issued", "final")},
      issued_at timestamptz NOT NULL,
      CONSTRAINT statement_pkey PRIMARY KEY (network_id, statement_id),
      CONSTRAINT statement_number_key UNIQUE (network_id, number),
      CONSTRAINT statement_partner_key UNIQUE (network_id, cycle_id, partner_id, currency)
    )
    """,
    "CREATE INDEX statement_by_partner ON payouts.statement (network_id, partner_id, issued_at)",
    "CREATE INDEX statement_by_issue ON payouts.statement (network_id, issued_at, statement_id)",
    f"""
    CREATE TABLE payouts.payout_policy (
      network_id bigint NOT NULL,
      policy_id uuid NOT NULL,
      currency varchar(16) NOT NULL,
      approval_above bigint NOT NULL
        CONSTRAINT payout_policy_approval CHECK (approval_above >= 0),
      minimum bigint NOT NULL CONSTRAINT payout_policy_minimum CHECK (minimum >= 1),
      {_short("published_by", "payout_policy_publisher", rest="NOT NULL")},
      published_at timestamptz NOT NULL,
      CONSTRAINT payout_policy_pkey PRIMARY KEY (network_id, policy_id)
    )
    """,
    "CREATE INDEX payout_policy_by_currency"
    " ON payouts.payout_policy (network_id, currency, policy_id)",
    f"""
    CREATE TABLE payouts.payee (
      network_id bigint NOT NULL,
      payee_id uuid NOT NULL,
      partner_id uuid,
      member_id uuid,
      {_words("state", "payee_state", "creating", "onboarding", "active", "restricted", "unknown")},
      {_short("country", "payee_country", most=2, rest="NOT NULL")},
      {_short("email", "payee_email", most=320, rest="NOT NULL")},
      {_short("name", "payee_name", rest="NOT NULL")},
      {_short("return_url", "payee_return_url", most=2048, rest="NOT NULL")},
      {_short("account_id", "payee_account")},
      {_short("customer_id", "payee_customer")},
      {_short("payment_method_id", "payee_payment_method")},
      {_short("onboarding_url", "payee_onboarding_url", most=2048)},
      onboarding_expires_at timestamptz,
      {_short("requirements", "payee_requirements", most=8192, rest="NOT NULL")},
      {_short("destination_hash", "payee_destination", most=64)},
      {_short("reason", "payee_reason")},
      created_at timestamptz NOT NULL,
      refreshed_at timestamptz,
      CONSTRAINT payee_pkey PRIMARY KEY (network_id, payee_id),
      CONSTRAINT payee_partner_key UNIQUE (network_id, partner_id),
      CONSTRAINT payee_member_key UNIQUE (network_id, member_id),
      CONSTRAINT payee_owner CHECK (num_nonnulls(partner_id, member_id) = 1)
    )
    """,
    f"""
    CREATE TABLE payouts.payout (
      network_id bigint NOT NULL,
      payout_id uuid NOT NULL,
      {_words("kind", "payout_kind", "cashback", "settlement")},
      partner_id uuid,
      member_id uuid,
      cycle_id uuid,
      amount bigint NOT NULL CONSTRAINT payout_amount CHECK (amount > 0),
      currency varchar(16) NOT NULL,
      {
        _words(
            "state",
            "payout_state",
            "pending_approval",
            "scheduled",
            "waiting_funds",
            "submitting",
            "unknown",
            "transferred",
            "in_transit",
            "paid",
            "returning",
            "returned",
            "failed",
            "cancelled",
        )
    },
      round smallint NOT NULL CONSTRAINT payout_round CHECK (round >= 1),
      hold_id uuid,
      taken smallint NOT NULL CONSTRAINT payout_taken CHECK (taken IN (0, 1)),
      {_short("destination_hash", "payout_destination", most=64)},
      {_short("requested_by", "payout_maker", rest="NOT NULL")},
      {_short("approved_by", "payout_checker")},
      {_short("reason", "payout_reason")},
      created_at timestamptz NOT NULL,
      changed_at timestamptz NOT NULL,
      paid_at timestamptz,
      CONSTRAINT payout_pkey PRIMARY KEY (network_id, payout_id),
      CONSTRAINT payout_cycle_key UNIQUE (network_id, cycle_id, partner_id, currency),
      CONSTRAINT payout_four_eyes CHECK (approved_by <> requested_by),
      CONSTRAINT payout_owner CHECK (
        CASE kind WHEN 'cashback'
          THEN member_id IS NOT NULL AND partner_id IS NULL AND cycle_id IS NULL
          ELSE member_id IS NULL AND partner_id IS NOT NULL AND cycle_id IS NOT NULL END)
    )
    """,
    "CREATE INDEX payout_by_time ON payouts.payout (network_id, created_at, payout_id)",
    "CREATE INDEX payout_by_member ON payouts.payout (network_id, member_id, created_at)",
    "CREATE INDEX payout_by_partner ON payouts.payout (network_id, partner_id, created_at)",
    f"""
    CREATE TABLE payouts.payout_attempt (
      network_id bigint NOT NULL,
      attempt_id uuid NOT NULL,
      payout_id uuid NOT NULL,
      round smallint NOT NULL CONSTRAINT payout_attempt_round CHECK (round >= 1),
      epoch smallint NOT NULL CONSTRAINT payout_attempt_epoch CHECK (epoch >= 1),
      {_words("leg", "payout_attempt_leg", "transfer", "payout", "reversal")},
      {_short("key", "payout_attempt_key_length", rest="NOT NULL")},
      {_short("account_id", "payout_attempt_account", rest="NOT NULL")},
      {_attempt_columns("payout_attempt")},
      CONSTRAINT payout_attempt_pkey PRIMARY KEY (network_id, attempt_id),
      CONSTRAINT payout_attempt_key UNIQUE (network_id, key),
      CONSTRAINT payout_attempt_epoch_key UNIQUE (network_id, payout_id, leg, epoch),
      CONSTRAINT payout_attempt_external_key UNIQUE (network_id, external_id)
    )
    """,
    "CREATE UNIQUE INDEX payout_attempt_live ON payouts.payout_attempt (network_id, payout_id, leg)"
    f" WHERE {_LIVE} OR state = 'succeeded' AND leg <> 'reversal'",
    f"""
    CREATE TABLE payouts.collection (
      network_id bigint NOT NULL,
      collection_id uuid NOT NULL,
      cycle_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      amount bigint NOT NULL CONSTRAINT collection_amount CHECK (amount > 0),
      currency varchar(16) NOT NULL,
      {
        _words(
            "state",
            "collection_state",
            "scheduled",
            "submitting",
            "unknown",
            "processing",
            "succeeded",
            "failed",
        )
    },
      {_short("reason", "collection_reason")},
      created_at timestamptz NOT NULL,
      changed_at timestamptz NOT NULL,
      collected_at timestamptz,
      CONSTRAINT collection_pkey PRIMARY KEY (network_id, collection_id),
      CONSTRAINT collection_cycle_key UNIQUE (network_id, cycle_id, partner_id, currency)
    )
    """,
    "CREATE INDEX collection_by_time ON payouts.collection (network_id, created_at, collection_id)",
    f"""
    CREATE TABLE payouts.collection_attempt (
      network_id bigint NOT NULL,
      attempt_id uuid NOT NULL,
      collection_id uuid NOT NULL,
      epoch smallint NOT NULL CONSTRAINT collection_attempt_epoch CHECK (epoch >= 1),
      {_short("key", "collection_attempt_key_length", rest="NOT NULL")},
      {_short("customer_id", "collection_attempt_customer", rest="NOT NULL")},
      {_short("payment_method_id", "collection_attempt_method", rest="NOT NULL")},
      {_attempt_columns("collection_attempt")},
      CONSTRAINT collection_attempt_pkey PRIMARY KEY (network_id, attempt_id),
      CONSTRAINT collection_attempt_key UNIQUE (network_id, key),
      CONSTRAINT collection_attempt_epoch_key UNIQUE (network_id, collection_id, epoch),
      CONSTRAINT collection_attempt_external_key UNIQUE (network_id, external_id)
    )
    """,
    "CREATE UNIQUE INDEX collection_attempt_live"
    " ON payouts.collection_attempt (network_id, collection_id)"
    f" WHERE {_LIVE} OR state = 'succeeded'",
    f"""
    CREATE TABLE payouts.topup (
      network_id bigint NOT NULL,
      topup_id uuid NOT NULL,
      amount bigint NOT NULL CONSTRAINT topup_amount CHECK (amount > 0),
      currency varchar(16) NOT NULL,
      {_words("state", "topup_state", "requested", "unknown", "pending", "succeeded", "failed")},
      {_short("key", "topup_key_length", rest="NOT NULL")},
      {_short("external_id", "topup_external")},
      {_short("reason", "topup_reason")},
      sends smallint NOT NULL CONSTRAINT topup_sends CHECK (sends >= 0),
      lookups smallint NOT NULL CONSTRAINT topup_lookups CHECK (lookups >= 0),
      {_short("requested_by", "topup_maker", rest="NOT NULL")},
      created_at timestamptz NOT NULL,
      sent_at timestamptz,
      changed_at timestamptz NOT NULL,
      CONSTRAINT topup_pkey PRIMARY KEY (network_id, topup_id),
      CONSTRAINT topup_key UNIQUE (network_id, key),
      CONSTRAINT topup_external_key UNIQUE (network_id, external_id)
    )
    """,
    "CREATE INDEX topup_by_time ON payouts.topup (network_id, created_at, topup_id)",
    f"""
    CREATE TABLE payouts.provider_object (
      {_short("provider", "provider_object_provider", most=40, rest="NOT NULL")},
      {_short("object_id", "provider_object_length", rest="NOT NULL")},
      network_id bigint NOT NULL,
      {_short("kind", "provider_object_kind", most=40, rest="NOT NULL")},
      CONSTRAINT provider_object_pkey PRIMARY KEY (provider, object_id)
    )
    """,
    f"""
    CREATE TABLE payouts.webhook_inbox (
      {_short("provider", "webhook_inbox_provider", most=40, rest="NOT NULL")},
      {_short("event_id", "webhook_inbox_event", rest="NOT NULL")},
      webhook_id uuid NOT NULL,
      {_short("type", "webhook_inbox_type", rest="NOT NULL")},
      {_short("account_id", "webhook_inbox_account")},
      {_short("object_type", "webhook_inbox_object_type")},
      {_short("object_id", "webhook_inbox_object")},
      occurred_at timestamptz NOT NULL,
      received_at timestamptz NOT NULL,
      processed_at timestamptz,
      attempts smallint NOT NULL CONSTRAINT webhook_inbox_attempts CHECK (attempts >= 0),
      {_short("outcome", "webhook_inbox_outcome")},
      network_id bigint,
      CONSTRAINT webhook_inbox_pkey PRIMARY KEY (provider, event_id),
      CONSTRAINT webhook_inbox_webhook_key UNIQUE (webhook_id)
    )
    """,
]

_FOREIGN_KEYS = [
    "ALTER TABLE payouts.statement ADD CONSTRAINT statement_cycle_fkey"
    " FOREIGN KEY (network_id, cycle_id) REFERENCES payouts.settlement_cycle (network_id, cycle_id)",
    "ALTER TABLE payouts.payout_attempt ADD CONSTRAINT payout_attempt_payout_fkey"
    " FOREIGN KEY (network_id, payout_id) REFERENCES payouts.payout (network_id, payout_id)",
    "ALTER TABLE payouts.collection_attempt ADD CONSTRAINT collection_attempt_collection_fkey"
    " FOREIGN KEY (network_id, collection_id)"
    " REFERENCES payouts.collection (network_id, collection_id)",
]

_ATTEMPT_UPDATES = "state, external_id, code, sends, lookups, sent_at, resolved_at"

# Whose rows a partner's or a member's scope sees, and what the service may change.
_TENANT_TABLES: dict[str, tuple[tuple[str, ...], str]] = {
    "settlement_cycle": ((), "state, approved_by, approved_at, settled_at"),
    "statement": (("partner_id",), "state"),
    "payout_policy": ((), ""),
    "payee": (
        ("partner_id", "member_id"),
        "state, return_url, account_id, customer_id, payment_method_id, onboarding_url,"
        " onboarding_expires_at, requirements, destination_hash, reason, refreshed_at",
    ),
    "payout": (
        ("partner_id", "member_id"),
        "state, round, hold_id, taken, destination_hash, approved_by, reason, changed_at, paid_at",
    ),
    "payout_attempt": ((), _ATTEMPT_UPDATES),
    "collection": (("partner_id",), "state, reason, changed_at, collected_at"),
    "collection_attempt": ((), _ATTEMPT_UPDATES),
    "topup": ((), "state, external_id, reason, sends, lookups, sent_at, changed_at"),
}


def upgrade() -> None:
    """Create the tables of settlement, disbursement and webhooks, with their walls and grants."""
    for statement in _TABLES + _FOREIGN_KEYS:
        op.execute(statement)
    for name, (owners, updated) in _TENANT_TABLES.items():
        for statement in wall(f"payouts.{name}", owners=owners):
            op.execute(statement)
        privileges = "SELECT, INSERT" + (f", UPDATE ({updated})" if updated else "")
        op.execute(grant(f"payouts.{name}", privileges))
        op.execute(grant(f"payouts.{name}", "SELECT", "mizan_audit"))
    op.execute(grant("payouts.provider_object", "SELECT, INSERT"))
    op.execute(
        grant(
            "payouts.webhook_inbox",
            "SELECT, INSERT, UPDATE (processed_at, attempts, outcome, network_id)",
        )
    )
    op.execute(grant("payouts.webhook_inbox", "SELECT", "mizan_audit"))
