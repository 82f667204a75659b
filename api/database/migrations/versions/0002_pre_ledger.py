"""The ledger: immutable journals of balanced postings behind one function that is its guard."""

from alembic import op

from api.database.ground import grant, wall
from api.database.migrations.ledger_functions import FUNCTIONS
from payouts.money.currencies import EXPONENTS

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = [
    """
    CREATE TABLE payouts.unit (
      unit varchar(16) NOT NULL,
      exponent smallint NOT NULL CONSTRAINT unit_exponent CHECK (exponent BETWEEN 0 AND 8),
      kind text NOT NULL CONSTRAINT unit_kind CHECK (kind IN ('currency', 'points')),
      CONSTRAINT unit_pkey PRIMARY KEY (unit)
    )
    """,
    """
    CREATE TABLE payouts.account_type (
      type text NOT NULL,
      gl_code text NOT NULL,
      class text NOT NULL,
      normal smallint NOT NULL CONSTRAINT account_type_normal CHECK (normal IN (1, -1)),
      floor text NOT NULL CONSTRAINT account_type_floor CHECK (floor IN ('none', 'nonneg')),
      mode text NOT NULL CONSTRAINT account_type_mode CHECK (mode IN ('sync', 'append')),
      owner_kind text NOT NULL,
      CONSTRAINT account_type_pkey PRIMARY KEY (type)
    )
    """,
    """
    CREATE TABLE payouts.book (
      book_id bigint NOT NULL,
      network_id bigint NOT NULL,
      zone text NOT NULL,
      created_at timestamptz NOT NULL,
      CONSTRAINT book_pkey PRIMARY KEY (book_id)
    )
    """,
    """
    CREATE TABLE payouts.period (
      book_id bigint NOT NULL,
      network_id bigint NOT NULL,
      period date NOT NULL,
      status text NOT NULL DEFAULT 'open'
        CONSTRAINT period_status CHECK (status IN ('open', 'soft', 'closed')),
      closed_at timestamptz,
      closed_by text,
      CONSTRAINT period_pkey PRIMARY KEY (book_id, period)
    )
    """,
    """
    CREATE TABLE payouts.account (
      book_id bigint NOT NULL,
      account_id uuid NOT NULL,
      network_id bigint NOT NULL,
      type text NOT NULL,
      unit varchar(16) NOT NULL,
      owner_kind text NOT NULL,
      owner_id text NOT NULL,
      sub text NOT NULL DEFAULT '',
      status text NOT NULL DEFAULT 'open'
        CONSTRAINT account_status CHECK (status IN ('open', 'frozen', 'closed')),
      created_at timestamptz NOT NULL,
      CONSTRAINT account_pkey PRIMARY KEY (book_id, account_id),
      CONSTRAINT account_owner_key UNIQUE (book_id, type, unit, owner_kind, owner_id, sub)
    )
    """,
    "CREATE INDEX account_by_owner ON payouts.account (book_id, owner_kind, owner_id)",
    """
    CREATE TABLE payouts.journal (
      book_id bigint NOT NULL,
      journal_id uuid NOT NULL,
      network_id bigint NOT NULL,
      kind text NOT NULL,
      ledger_key text NOT NULL,
      request_hash bytea NOT NULL,
      effective_at timestamptz NOT NULL,
      recorded_at timestamptz NOT NULL,
      period date NOT NULL,
      origin_period date,
      cause_kind text NOT NULL,
      cause_id text NOT NULL,
      reverses uuid,
      actor text NOT NULL,
      note jsonb NOT NULL DEFAULT '{}',
      lines smallint NOT NULL CONSTRAINT journal_lines CHECK (lines >= 2),
      xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
      CONSTRAINT journal_pkey PRIMARY KEY (book_id, journal_id),
      CONSTRAINT journal_key UNIQUE (book_id, ledger_key)
    )
    """,
    "CREATE INDEX journal_by_cause ON payouts.journal (book_id, cause_kind, cause_id)",
    "CREATE INDEX journal_by_xid ON payouts.journal (book_id, xid)",
    "CREATE INDEX journal_by_effect ON payouts.journal (book_id, effective_at)",
    """
    CREATE TABLE payouts.posting (
      book_id bigint NOT NULL,
      journal_id uuid NOT NULL,
      line smallint NOT NULL,
      network_id bigint NOT NULL,
      account_id uuid NOT NULL,
      unit varchar(16) NOT NULL,
      amount bigint NOT NULL CONSTRAINT posting_amount CHECK (amount <> 0),
      effective_at timestamptz NOT NULL,
      CONSTRAINT posting_pkey PRIMARY KEY (book_id, journal_id, line)
    )
    """,
    "CREATE INDEX posting_by_account ON payouts.posting (book_id, account_id, journal_id)"
    " INCLUDE (amount)",
    """
    CREATE TABLE payouts.balance (
      book_id bigint NOT NULL,
      account_id uuid NOT NULL,
      network_id bigint NOT NULL,
      debit bigint NOT NULL DEFAULT 0 CONSTRAINT balance_debit CHECK (debit >= 0),
      credit bigint NOT NULL DEFAULT 0 CONSTRAINT balance_credit CHECK (credit >= 0),
      held bigint NOT NULL DEFAULT 0 CONSTRAINT balance_held CHECK (held >= 0),
      version bigint NOT NULL DEFAULT 0,
      CONSTRAINT balance_pkey PRIMARY KEY (book_id, account_id)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE payouts.hold (
      book_id bigint NOT NULL,
      hold_id uuid NOT NULL,
      network_id bigint NOT NULL,
      account_id uuid NOT NULL,
      unit varchar(16) NOT NULL,
      amount bigint NOT NULL CONSTRAINT hold_amount CHECK (amount > 0),
      captured bigint NOT NULL DEFAULT 0 CONSTRAINT hold_captured CHECK (captured >= 0),
      released bigint NOT NULL DEFAULT 0 CONSTRAINT hold_released CHECK (released >= 0),
      ledger_key text NOT NULL,
      cause_kind text NOT NULL,
      cause_id text NOT NULL,
      placed_at timestamptz NOT NULL,
      expires_at timestamptz,
      CONSTRAINT hold_pkey PRIMARY KEY (book_id, hold_id),
      CONSTRAINT hold_key UNIQUE (book_id, ledger_key),
      CONSTRAINT hold_remainder CHECK (captured + released <= amount)
    )
    """,
    "CREATE INDEX hold_open ON payouts.hold (book_id, account_id)"
    " WHERE captured + released < amount",
    """
    CREATE TABLE payouts.hold_resolution (
      book_id bigint NOT NULL,
      resolution_id uuid NOT NULL,
      network_id bigint NOT NULL,
      hold_id uuid NOT NULL,
      kind text NOT NULL
        CONSTRAINT hold_resolution_kind CHECK (kind IN ('captured', 'voided', 'expired')),
      amount bigint NOT NULL CONSTRAINT hold_resolution_amount CHECK (amount > 0),
      ledger_key text NOT NULL,
      resolved_at timestamptz NOT NULL,
      CONSTRAINT hold_resolution_pkey PRIMARY KEY (book_id, resolution_id),
      CONSTRAINT hold_resolution_key UNIQUE (book_id, ledger_key)
    )
    """,
    "CREATE INDEX hold_resolution_by_hold ON payouts.hold_resolution (book_id, hold_id)",
    """
    CREATE TABLE payouts.sealer (
      book_id bigint NOT NULL,
      network_id bigint NOT NULL,
      seq bigint NOT NULL DEFAULT 0,
      cluster bigint NOT NULL DEFAULT 0,
      hint xid8 NOT NULL DEFAULT '0',
      CONSTRAINT sealer_pkey PRIMARY KEY (book_id)
    )
    """,
    """
    CREATE TABLE payouts.seal (
      book_id bigint NOT NULL,
      seq bigint NOT NULL,
      network_id bigint NOT NULL,
      journal_id uuid NOT NULL,
      sealed_at timestamptz NOT NULL,
      CONSTRAINT seal_pkey PRIMARY KEY (book_id, seq),
      CONSTRAINT seal_journal_key UNIQUE (book_id, journal_id)
    )
    """,
]

_FOREIGN_KEYS = [
    "ALTER TABLE payouts.account ADD CONSTRAINT account_type_fkey"
    " FOREIGN KEY (type) REFERENCES payouts.account_type (type)",
    "ALTER TABLE payouts.account ADD CONSTRAINT account_unit_fkey"
    " FOREIGN KEY (unit) REFERENCES payouts.unit (unit)",
    "ALTER TABLE payouts.posting ADD CONSTRAINT posting_journal_fkey"
    " FOREIGN KEY (book_id, journal_id) REFERENCES payouts.journal (book_id, journal_id)",
    "ALTER TABLE payouts.posting ADD CONSTRAINT posting_account_fkey"
    " FOREIGN KEY (book_id, account_id) REFERENCES payouts.account (book_id, account_id)",
    "ALTER TABLE payouts.balance ADD CONSTRAINT balance_account_fkey"
    " FOREIGN KEY (book_id, account_id) REFERENCES payouts.account (book_id, account_id)",
    "ALTER TABLE payouts.hold ADD CONSTRAINT hold_account_fkey"
    " FOREIGN KEY (book_id, account_id) REFERENCES payouts.account (book_id, account_id)",
    "ALTER TABLE payouts.hold_resolution ADD CONSTRAINT hold_resolution_hold_fkey"
    " FOREIGN KEY (book_id, hold_id) REFERENCES payouts.hold (book_id, hold_id)",
]

_CHART = """
    bank_cash 1100 asset 1 none append platform
    stripe_balance 1110 asset 1 none append platform
    cash_in_transit 1115 asset 1 none append platform
    supplier_prefund 1120 asset 1 none sync supplier
    partner_recv 1200 asset 1 none append partner
    partner_recv_pending 1205 asset 1 none append partner
    settle_recv 1210 asset 1 none sync partner
    member_recv 1220 asset 1 none sync member
    fx_position 1400 asset 1 none append platform
    settle_clearing 1990 asset 1 none sync cycle
    member_pending 2100 liability -1 nonneg sync member
    member_available 2110 liability -1 nonneg sync member
    member_payout_clearing 2120 liability -1 none sync member
    partner_payable 2200 liability -1 none append partner
    partner_payable_pending 2205 liability -1 none append partner
    settle_payable 2210 liability -1 nonneg sync partner
    transfer_clearing 2215 liability -1 none sync partner
    gift_card 2300 liability -1 nonneg sync card
    supplier_payable 2320 liability -1 none append supplier
    suspense 2400 liability -1 none append platform
    fee_deferred 2500 liability -1 none append partner
    capital 3100 equity -1 none append platform
    platform_fee 4100 revenue -1 none append platform
    redemption_margin 4110 revenue -1 none append platform
    bonus_expense 5100 expense 1 none append platform
    processing_fee 5200 expense 1 none append platform
    cashback_loss 5220 expense 1 none append platform
    rounding 5300 expense 1 none append platform
    """  # the chart as it was; accounts that came later are inserted by later migrations

_LEDGER_TABLES = (
    "period", "account", "journal", "posting", "balance",
    "hold", "hold_resolution", "sealer", "seal",
)  # fmt: skip


def upgrade() -> None:
    """Create the ledger's tables and walls, its chart, and the functions that alone write it."""
    for statement in _TABLES + _FOREIGN_KEYS:
        op.execute(statement)
    for name in _LEDGER_TABLES:
        for statement in wall(f"payouts.{name}", key="book_id"):
            op.execute(statement)
    for row in sorted(EXPONENTS.items()):
        op.execute("INSERT INTO payouts.unit VALUES ('{}', {}, 'currency')".format(*row))
    for line in _CHART.strip().splitlines():
        kind, gl_code, class_, normal, *rest = line.split()
        texts = ", ".join(f"'{word}'" for word in (kind, gl_code, class_))
        ends = ", ".join(f"'{word}'" for word in rest)
        op.execute(f"INSERT INTO payouts.account_type VALUES ({texts}, {normal}, {ends})")
    _grant()
    op.execute("SET LOCAL ROLE mizan_ledger")
    for statement in FUNCTIONS:
        op.execute(statement)
    op.execute("SET LOCAL ROLE mizan_owner")
    op.execute("REVOKE CREATE ON SCHEMA payouts FROM mizan_ledger")


def _grant() -> None:
    for name in ("unit", "account_type", "book", *_LEDGER_TABLES):
        op.execute(grant(f"payouts.{name}", "SELECT"))
        op.execute(grant(f"payouts.{name}", "SELECT", "mizan_ledger"))
        op.execute(grant(f"payouts.{name}", "SELECT", "mizan_audit"))
    op.execute(grant("payouts.book", "INSERT"))
    op.execute(grant("payouts.account", "INSERT, UPDATE (status)"))
    op.execute(grant("payouts.period", "INSERT, UPDATE (status, closed_at, closed_by)"))
    for name in ("journal", "posting", "balance", "hold", "hold_resolution", "sealer", "seal"):
        op.execute(grant(f"payouts.{name}", "INSERT", "mizan_ledger"))
    op.execute(grant("payouts.period", "INSERT, UPDATE (status)", "mizan_ledger"))
    op.execute(grant("payouts.balance", "UPDATE (debit, credit, held, version)", "mizan_ledger"))
    op.execute(grant("payouts.hold", "UPDATE (captured, released)", "mizan_ledger"))
    op.execute(grant("payouts.sealer", "UPDATE (seq, cluster, hint)", "mizan_ledger"))
