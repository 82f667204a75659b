"""What is got for value: vouchers, own cards, seats, quotes and redemptions."""

from alembic import op

from api.database.ground import grant, wall

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_VOUCHERS = [
    """
    CREATE TABLE catalog.voucher (
      network_id bigint NOT NULL,
      voucher_id uuid NOT NULL,
      redemption_id uuid,
      card_id uuid,
      partner_id uuid,
      member_id uuid,
      key_id text NOT NULL CONSTRAINT voucher_key_id CHECK (length(key_id) BETWEEN 1 AND 64),
      ciphertext bytea NOT NULL
        CONSTRAINT voucher_ciphertext CHECK (octet_length(ciphertext) BETWEEN 29 AND 8192),
      digest bytea NOT NULL CONSTRAINT voucher_digest_length CHECK (octet_length(digest) = 32),
      last4 text NOT NULL CONSTRAINT voucher_last4 CHECK (length(last4) <= 4),
      created_at timestamptz NOT NULL,
      CONSTRAINT voucher_pkey PRIMARY KEY (network_id, voucher_id),
      CONSTRAINT voucher_digest_key UNIQUE (network_id, digest),
      CONSTRAINT voucher_origin CHECK (redemption_id IS NOT NULL OR card_id IS NOT NULL),
      CONSTRAINT voucher_owner CHECK (partner_id IS NOT NULL OR member_id IS NOT NULL)
    )
    """,
    "CREATE INDEX voucher_by_redemption ON catalog.voucher (network_id, redemption_id)",
    "CREATE INDEX voucher_by_card ON catalog.voucher (network_id, card_id)",
    "CREATE INDEX voucher_by_key ON catalog.voucher (network_id, key_id, voucher_id)",
    """
    CREATE TABLE catalog.voucher_reveal (
      network_id bigint NOT NULL,
      voucher_id uuid NOT NULL,
      partner_id uuid,
      member_id uuid,
      actor text NOT NULL CONSTRAINT voucher_reveal_actor CHECK (length(actor) BETWEEN 1 AND 255),
      revealed_at timestamptz NOT NULL,
      CONSTRAINT voucher_reveal_pkey PRIMARY KEY (network_id, voucher_id)
    )
    """,
]

_CARDS = [
    """
    CREATE TABLE catalog.gift_card (
      network_id bigint NOT NULL,
      card_id uuid NOT NULL,
      brand_id uuid,
      reward_id uuid,
      redemption_id uuid,
      partner_id uuid,
      member_id uuid,
      external_id text
        CONSTRAINT gift_card_external_id CHECK (length(external_id) BETWEEN 1 AND 255),
      face bigint NOT NULL CONSTRAINT gift_card_face CHECK (face > 0),
      currency varchar(16) NOT NULL,
      state text NOT NULL CONSTRAINT gift_card_state
        CHECK (state IN ('active', 'frozen', 'exhausted', 'expired', 'cancelled')),
      issued_at timestamptz NOT NULL,
      expires_at timestamptz,
      CONSTRAINT gift_card_pkey PRIMARY KEY (network_id, card_id),
      CONSTRAINT gift_card_sale_key UNIQUE (network_id, partner_id, external_id),
      CONSTRAINT gift_card_origin CHECK ((redemption_id IS NULL) = (partner_id IS NOT NULL)),
      CONSTRAINT gift_card_span CHECK (expires_at > issued_at)
    )
    """,
    "CREATE INDEX gift_card_by_member ON catalog.gift_card (network_id, member_id, card_id)",
    "CREATE INDEX gift_card_by_redemption ON catalog.gift_card (network_id, redemption_id)",
    """
    CREATE TABLE catalog.card_authorization (
      network_id bigint NOT NULL,
      authorization_id uuid NOT NULL,
      card_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      merchant_reference text NOT NULL CONSTRAINT card_authorization_reference
        CHECK (length(merchant_reference) BETWEEN 1 AND 255),
      amount bigint NOT NULL CONSTRAINT card_authorization_amount CHECK (amount > 0),
      captured bigint NOT NULL,
      refunded bigint NOT NULL,
      fee bigint NOT NULL,
      fee_returned bigint NOT NULL,
      currency varchar(16) NOT NULL,
      acceptance_fee_bps integer,
      state text NOT NULL CONSTRAINT card_authorization_state
        CHECK (state IN ('authorized', 'captured', 'voided', 'expired')),
      hold_id uuid NOT NULL,
      authorized_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      ended_at timestamptz,
      CONSTRAINT card_authorization_pkey PRIMARY KEY (network_id, authorization_id),
      CONSTRAINT card_authorization_captured CHECK (captured BETWEEN 0 AND amount),
      CONSTRAINT card_authorization_refunded CHECK (refunded BETWEEN 0 AND captured),
      CONSTRAINT card_authorization_fee CHECK (fee BETWEEN 0 AND captured),
      CONSTRAINT card_authorization_fee_returned CHECK (fee_returned BETWEEN 0 AND fee),
      CONSTRAINT card_authorization_open CHECK ((state = 'authorized') = (ended_at IS NULL)),
      CONSTRAINT card_authorization_taken CHECK ((state = 'captured') = (captured > 0))
    )
    """,
    "CREATE INDEX card_authorization_by_card ON catalog.card_authorization"
    " (network_id, card_id, authorization_id)",
    "CREATE INDEX card_authorization_by_partner ON catalog.card_authorization"
    " (network_id, partner_id, authorized_at)",
    """
    CREATE TABLE catalog.card_refund (
      network_id bigint NOT NULL,
      card_refund_id uuid NOT NULL,
      authorization_id uuid NOT NULL,
      card_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      amount bigint NOT NULL CONSTRAINT card_refund_amount CHECK (amount > 0),
      fee bigint NOT NULL CONSTRAINT card_refund_fee CHECK (fee BETWEEN 0 AND amount),
      currency varchar(16) NOT NULL,
      refunded_at timestamptz NOT NULL,
      CONSTRAINT card_refund_pkey PRIMARY KEY (network_id, card_refund_id)
    )
    """,
    "CREATE INDEX card_refund_by_authorization ON catalog.card_refund"
    " (network_id, authorization_id, card_refund_id)",
    """
    CREATE TABLE catalog.card_guess (
      network_id bigint NOT NULL,
      caller text NOT NULL CONSTRAINT card_guess_caller CHECK (length(caller) BETWEEN 1 AND 255),
      window_at timestamptz NOT NULL,
      failures integer NOT NULL CONSTRAINT card_guess_failures CHECK (failures > 0),
      CONSTRAINT card_guess_pkey PRIMARY KEY (network_id, caller, window_at)
    )
    """,
]

_SEATS = [
    """
    CREATE TABLE catalog.experience_slot (
      network_id bigint NOT NULL,
      slot_id uuid NOT NULL,
      reward_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      starts_at timestamptz NOT NULL,
      capacity integer NOT NULL CONSTRAINT experience_slot_capacity CHECK (capacity > 0),
      booked integer NOT NULL
        CONSTRAINT experience_slot_booked CHECK (booked BETWEEN 0 AND capacity),
      created_at timestamptz NOT NULL,
      CONSTRAINT experience_slot_pkey PRIMARY KEY (network_id, slot_id)
    )
    """,
    "CREATE INDEX experience_slot_by_reward ON catalog.experience_slot"
    " (network_id, reward_id, starts_at, slot_id)",
    """
    CREATE TABLE catalog.booking (
      network_id bigint NOT NULL,
      booking_id uuid NOT NULL,
      slot_id uuid NOT NULL,
      redemption_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      member_id uuid NOT NULL,
      price bigint NOT NULL CONSTRAINT booking_price CHECK (price > 0),
      commission bigint NOT NULL
        CONSTRAINT booking_commission CHECK (commission BETWEEN 0 AND price),
      penalty bigint CONSTRAINT booking_penalty CHECK (penalty BETWEEN 0 AND price),
      currency varchar(16) NOT NULL,
      free_until_hours integer,
      penalty_bps integer NOT NULL
        CONSTRAINT booking_penalty_bps CHECK (penalty_bps BETWEEN 0 AND 10000),
      state text NOT NULL
        CONSTRAINT booking_state CHECK (state IN ('booked', 'cancelled', 'delivered')),
      starts_at timestamptz NOT NULL,
      booked_at timestamptz NOT NULL,
      ended_at timestamptz,
      CONSTRAINT booking_pkey PRIMARY KEY (network_id, booking_id),
      CONSTRAINT booking_redemption_key UNIQUE (network_id, redemption_id),
      CONSTRAINT booking_ended CHECK ((state = 'booked') = (ended_at IS NULL)),
      CONSTRAINT booking_cancelled CHECK ((state = 'cancelled') = (penalty IS NOT NULL))
    )
    """,
    "CREATE INDEX booking_by_slot ON catalog.booking (network_id, slot_id, booking_id)",
]

_REDEMPTIONS = [
    """
    CREATE TABLE catalog.quote (
      network_id bigint NOT NULL,
      quote_id uuid NOT NULL,
      member_id uuid NOT NULL,
      reward_id uuid NOT NULL,
      version integer NOT NULL,
      kind text NOT NULL
        CONSTRAINT quote_kind CHECK (kind IN ('supplier_card', 'own_card', 'experience')),
      face bigint NOT NULL CONSTRAINT quote_face CHECK (face > 0),
      face_currency varchar(16) NOT NULL,
      slot_id uuid,
      brand_id uuid,
      partner_id uuid,
      supplier_id uuid,
      supplier_sku text CONSTRAINT quote_supplier_sku CHECK (length(supplier_sku) <= 80),
      line_face bigint NOT NULL,
      line_fee bigint NOT NULL,
      line_discount bigint NOT NULL,
      line_fx bigint NOT NULL,
      total bigint NOT NULL CONSTRAINT quote_total CHECK (total > 0),
      currency varchar(16) NOT NULL,
      fx_rate_id uuid,
      fx_rate numeric(20,10),
      cost bigint CONSTRAINT quote_cost CHECK (cost >= 0),
      cost_currency varchar(16),
      quoted_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      CONSTRAINT quote_pkey PRIMARY KEY (network_id, quote_id),
      CONSTRAINT quote_lines CHECK (total = line_face + line_fee + line_discount + line_fx),
      CONSTRAINT quote_span CHECK (expires_at > quoted_at),
      CONSTRAINT quote_seat CHECK ((kind = 'experience') = (slot_id IS NOT NULL)),
      CONSTRAINT quote_supply CHECK ((kind = 'supplier_card')
        = (supplier_id IS NOT NULL AND supplier_sku IS NOT NULL AND cost IS NOT NULL
           AND cost_currency IS NOT NULL))
    )
    """,
    """
    CREATE TABLE catalog.redemption (
      network_id bigint NOT NULL,
      redemption_id uuid NOT NULL,
      quote_id uuid NOT NULL,
      member_id uuid NOT NULL,
      reward_id uuid NOT NULL,
      version integer NOT NULL,
      kind text NOT NULL
        CONSTRAINT redemption_kind CHECK (kind IN ('supplier_card', 'own_card', 'experience')),
      state text NOT NULL CONSTRAINT redemption_state CHECK
        (state IN ('placed', 'fulfilling', 'unknown', 'fulfilled', 'failed', 'cancelled')),
      face bigint NOT NULL CONSTRAINT redemption_face CHECK (face > 0),
      face_currency varchar(16) NOT NULL,
      total bigint NOT NULL CONSTRAINT redemption_total CHECK (total > 0),
      currency varchar(16) NOT NULL,
      hold_id uuid,
      card_id uuid,
      booking_id uuid,
      charged bigint CONSTRAINT redemption_charged CHECK (charged >= 0),
      charged_currency varchar(16),
      failure_code text CONSTRAINT redemption_failure_code CHECK (length(failure_code) <= 80),
      placed_at timestamptz NOT NULL,
      ended_at timestamptz,
      CONSTRAINT redemption_pkey PRIMARY KEY (network_id, redemption_id),
      CONSTRAINT redemption_quote_key UNIQUE (network_id, quote_id),
      CONSTRAINT redemption_held CHECK ((kind = 'supplier_card') = (hold_id IS NOT NULL)),
      CONSTRAINT redemption_ended CHECK
        ((state IN ('fulfilled', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
      CONSTRAINT redemption_charge CHECK ((charged IS NULL) = (charged_currency IS NULL))
    )
    """,
    "CREATE INDEX redemption_by_member ON catalog.redemption"
    " (network_id, member_id, placed_at, redemption_id)",
    "CREATE INDEX redemption_by_time ON catalog.redemption (network_id, placed_at, redemption_id)",
    """
    CREATE TABLE catalog.redemption_attempt (
      network_id bigint NOT NULL,
      attempt_id uuid NOT NULL,
      redemption_id uuid NOT NULL,
      epoch integer NOT NULL CONSTRAINT redemption_attempt_epoch CHECK (epoch > 0),
      supplier_id uuid NOT NULL,
      supplier_key text NOT NULL
        CONSTRAINT redemption_attempt_key_length CHECK (length(supplier_key) BETWEEN 1 AND 150),
      state text NOT NULL CONSTRAINT redemption_attempt_state CHECK
        (state IN ('sending', 'not_taken', 'unknown', 'ordered', 'succeeded', 'failed')),
      sends integer NOT NULL CONSTRAINT redemption_attempt_sends CHECK (sends > 0),
      absences integer NOT NULL CONSTRAINT redemption_attempt_absences CHECK (absences >= 0),
      first_absent_at timestamptz,
      supplier_reference text
        CONSTRAINT redemption_attempt_reference CHECK (length(supplier_reference) <= 200),
      other_references text[] NOT NULL
        CONSTRAINT redemption_attempt_others CHECK (cardinality(other_references) <= 1000),
      remark text CONSTRAINT redemption_attempt_remark CHECK (length(remark) <= 300),
      claimed_at timestamptz NOT NULL,
      ended_at timestamptz,
      CONSTRAINT redemption_attempt_pkey PRIMARY KEY (network_id, attempt_id),
      CONSTRAINT redemption_attempt_epoch_key UNIQUE (network_id, redemption_id, epoch),
      CONSTRAINT redemption_attempt_key_key UNIQUE (network_id, supplier_key),
      CONSTRAINT redemption_attempt_ended CHECK
        ((state IN ('succeeded', 'failed')) = (ended_at IS NOT NULL))
    )
    """,
]

_CARD = "(network_id, card_id)"
_FOREIGN_KEYS = [
    "ALTER TABLE catalog.voucher_reveal ADD CONSTRAINT voucher_reveal_voucher_fkey"
    " FOREIGN KEY (network_id, voucher_id) REFERENCES catalog.voucher (network_id, voucher_id)",
    "ALTER TABLE catalog.card_authorization ADD CONSTRAINT card_authorization_card_fkey"
    f" FOREIGN KEY {_CARD} REFERENCES catalog.gift_card {_CARD}",
    "ALTER TABLE catalog.card_refund ADD CONSTRAINT card_refund_authorization_fkey"
    " FOREIGN KEY (network_id, authorization_id)"
    " REFERENCES catalog.card_authorization (network_id, authorization_id)",
    "ALTER TABLE catalog.booking ADD CONSTRAINT booking_slot_fkey"
    " FOREIGN KEY (network_id, slot_id) REFERENCES catalog.experience_slot (network_id, slot_id)",
    "ALTER TABLE catalog.redemption ADD CONSTRAINT redemption_quote_fkey"
    " FOREIGN KEY (network_id, quote_id) REFERENCES catalog.quote (network_id, quote_id)",
    "ALTER TABLE catalog.redemption_attempt ADD CONSTRAINT redemption_attempt_redemption_fkey"
    " FOREIGN KEY (network_id, redemption_id)"
    " REFERENCES catalog.redemption (network_id, redemption_id)",
]

# Whose row it is inside a network (None: everybody there reads it), and what the service may do.
_OWNERS_AND_GRANTS: dict[str, tuple[tuple[str, ...] | None, str]] = {
    "catalog.voucher": (
        ("partner_id", "member_id"),
        "SELECT, INSERT, UPDATE (key_id, ciphertext, digest)",
    ),
    "catalog.voucher_reveal": (("partner_id", "member_id"), "SELECT, INSERT"),
    "catalog.gift_card": (("partner_id", "member_id"), "SELECT, INSERT, UPDATE (state)"),
    "catalog.card_authorization": (
        ("partner_id",),
        "SELECT, INSERT, UPDATE (captured, refunded, fee, fee_returned, acceptance_fee_bps,"
        " state, ended_at)",
    ),
    "catalog.card_refund": (("partner_id",), "SELECT, INSERT"),
    "catalog.card_guess": ((), "SELECT, INSERT, UPDATE (failures)"),
    "catalog.experience_slot": (None, "SELECT, INSERT, UPDATE (booked)"),
    "catalog.booking": (
        ("partner_id", "member_id"),
        "SELECT, INSERT, UPDATE (state, penalty, ended_at)",
    ),
    "catalog.quote": (("member_id",), "SELECT, INSERT"),
    "catalog.redemption": (
        ("member_id",),
        "SELECT, INSERT, UPDATE (state, card_id, booking_id, charged, charged_currency,"
        " failure_code, ended_at)",
    ),
    "catalog.redemption_attempt": (
        (),
        "SELECT, INSERT, UPDATE (state, sends, absences, first_absent_at, supplier_reference,"
        " other_references, remark, ended_at)",
    ),
}

# An auditor sees that a code exists, whose it is and when it was shown; never what it is made of.
_VOUCHER_AUDIT_COLUMNS = (
    "network_id, voucher_id, redemption_id, card_id, partner_id, member_id, key_id, created_at"
)


def upgrade() -> None:
    """Create the tables of cards, seats and redemptions, walled by network."""
    for statement in (*_VOUCHERS, *_CARDS, *_SEATS, *_REDEMPTIONS, *_FOREIGN_KEYS):
        op.execute(statement)
    for table, (owners, privileges) in _OWNERS_AND_GRANTS.items():
        for statement in wall(table, owners=owners):
            op.execute(statement)
        op.execute(grant(table, privileges))
        seen = f"SELECT ({_VOUCHER_AUDIT_COLUMNS})" if table == "catalog.voucher" else "SELECT"
        op.execute(grant(table, seen, "mizan_audit"))
