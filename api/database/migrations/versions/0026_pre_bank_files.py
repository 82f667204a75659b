"""Payouts that leave by a bank file, for networks without a provider."""

from alembic import op

from api.database.ground import grant, wall
from api.database.migrations.audit_views import VIEWS

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# Networks of before pay by the provider.
_COLUMNS = [
    "ALTER TABLE payouts.destination_policy ADD COLUMN rail text NOT NULL DEFAULT 'stripe'"
    " CONSTRAINT destination_policy_rail CHECK (rail IN ('stripe', 'bank_file'))",
    "ALTER TABLE payouts.destination_policy ALTER COLUMN rail DROP DEFAULT",
    "ALTER TABLE payouts.payout_attempt DROP CONSTRAINT payout_attempt_leg",
    "ALTER TABLE payouts.payout_attempt ADD CONSTRAINT payout_attempt_leg"
    " CHECK (leg IN ('transfer', 'payout', 'reversal', 'bank'))",
    "ALTER TABLE payouts.bank_entry ADD COLUMN attempt_id uuid",
    "ALTER TABLE payouts.bank_entry ADD CONSTRAINT bank_entry_one_match"
    " CHECK (num_nonnulls(provider_transaction_id, attempt_id) <= 1)",
    "CREATE UNIQUE INDEX bank_entry_paid_key ON payouts.bank_entry (network_id, attempt_id)"
    " WHERE amount < 0",
    "CREATE UNIQUE INDEX bank_entry_returned_key ON payouts.bank_entry (network_id, attempt_id)"
    " WHERE amount > 0",
]

_TABLES = [
    """
    CREATE TABLE payouts.bank_account (
      network_id bigint NOT NULL,
      bank_account_id uuid NOT NULL,
      payee_id uuid NOT NULL,
      partner_id uuid,
      member_id uuid,
      key_id text NOT NULL CONSTRAINT bank_account_key CHECK (length(key_id) <= 255),
      ciphertext bytea NOT NULL CONSTRAINT bank_account_sealed CHECK (length(ciphertext) <= 4096),
      digest bytea NOT NULL CONSTRAINT bank_account_digest CHECK (length(digest) = 32),
      last4 text NOT NULL CONSTRAINT bank_account_last4 CHECK (length(last4) BETWEEN 1 AND 4),
      named_by text NOT NULL CONSTRAINT bank_account_namer CHECK (length(named_by) <= 255),
      named_at timestamptz NOT NULL,
      CONSTRAINT bank_account_pkey PRIMARY KEY (network_id, bank_account_id),
      CONSTRAINT bank_account_digest_key UNIQUE (network_id, payee_id, digest),
      CONSTRAINT bank_account_owner CHECK (num_nonnulls(partner_id, member_id) = 1)
    )
    """,
    """
    CREATE TABLE payouts.debit_account (
      network_id bigint NOT NULL,
      debit_account_id uuid NOT NULL,
      currency varchar(16) NOT NULL,
      name text NOT NULL CONSTRAINT debit_account_name CHECK (length(name) BETWEEN 1 AND 140),
      number text NOT NULL CONSTRAINT debit_account_number CHECK (length(number) BETWEEN 1 AND 34),
      is_iban boolean NOT NULL,
      bic text CONSTRAINT debit_account_bic CHECK (length(bic) IN (8, 11)),
      published_by text NOT NULL
        CONSTRAINT debit_account_publisher CHECK (length(published_by) <= 255),
      published_at timestamptz NOT NULL,
      CONSTRAINT debit_account_pkey PRIMARY KEY (network_id, debit_account_id)
    )
    """,
    "CREATE INDEX debit_account_by_currency"
    " ON payouts.debit_account (network_id, currency, debit_account_id)",
    """
    CREATE TABLE payouts.bank_file (
      network_id bigint NOT NULL,
      bank_file_id uuid NOT NULL,
      currency varchar(16) NOT NULL,
      state text NOT NULL
        CONSTRAINT bank_file_state CHECK (state IN ('open', 'created', 'released')),
      amount bigint NOT NULL CONSTRAINT bank_file_amount CHECK (amount >= 0),
      lines_count integer NOT NULL CONSTRAINT bank_file_lines CHECK (lines_count >= 0),
      debit_account_id uuid,
      content_hash text CONSTRAINT bank_file_hash CHECK (length(content_hash) <= 64),
      opened_at timestamptz NOT NULL,
      created_by text CONSTRAINT bank_file_maker CHECK (length(created_by) <= 255),
      created_at timestamptz,
      released_by text CONSTRAINT bank_file_checker CHECK (length(released_by) <= 255),
      released_at timestamptz,
      CONSTRAINT bank_file_pkey PRIMARY KEY (network_id, bank_file_id),
      CONSTRAINT bank_file_debit_account_fkey FOREIGN KEY (network_id, debit_account_id)
        REFERENCES payouts.debit_account (network_id, debit_account_id),
      CONSTRAINT bank_file_four_eyes CHECK (released_by <> created_by),
      CONSTRAINT bank_file_created CHECK (
        num_nulls(debit_account_id, content_hash, created_by, created_at)
          = CASE state WHEN 'open' THEN 4 ELSE 0 END
        AND num_nulls(released_by, released_at) = CASE state WHEN 'released' THEN 0 ELSE 2 END)
    )
    """,
    "CREATE UNIQUE INDEX bank_file_open ON payouts.bank_file (network_id, currency)"
    " WHERE state = 'open'",
    """
    CREATE TABLE payouts.bank_file_line (
      network_id bigint NOT NULL,
      bank_file_id uuid NOT NULL,
      attempt_id uuid NOT NULL,
      payout_id uuid NOT NULL,
      bank_account_id uuid NOT NULL,
      amount bigint NOT NULL CONSTRAINT bank_file_line_amount CHECK (amount > 0),
      currency varchar(16) NOT NULL,
      unpaid_by text CONSTRAINT bank_file_line_maker CHECK (length(unpaid_by) <= 255),
      unpaid_at timestamptz,
      returned_by text CONSTRAINT bank_file_line_checker CHECK (length(returned_by) <= 255),
      returned_at timestamptz,
      CONSTRAINT bank_file_line_four_eyes CHECK (returned_by <> unpaid_by),
      CONSTRAINT bank_file_line_returned CHECK (
        num_nulls(unpaid_by, unpaid_at) IN (0, 2) AND num_nulls(returned_by, returned_at) IN (0, 2)
        AND (returned_by IS NULL OR unpaid_by IS NOT NULL)),
      CONSTRAINT bank_file_line_pkey PRIMARY KEY (network_id, bank_file_id, attempt_id),
      CONSTRAINT bank_file_line_attempt_key UNIQUE (network_id, attempt_id),
      CONSTRAINT bank_file_line_file_fkey FOREIGN KEY (network_id, bank_file_id)
        REFERENCES payouts.bank_file (network_id, bank_file_id)
    )
    """,
    "CREATE INDEX bank_file_line_by_payout ON payouts.bank_file_line (network_id, payout_id)",
]

_WALLS = {
    "bank_account": (("partner_id", "member_id"), "SELECT, INSERT, DELETE"),
    "debit_account": ((), "SELECT, INSERT"),
    "bank_file": (
        (),
        "SELECT, INSERT, UPDATE (state, amount, lines_count, debit_account_id, content_hash,"
        " created_by, created_at, released_by, released_at)",
    ),
    "bank_file_line": (
        (),
        "SELECT, INSERT, DELETE,"
        " UPDATE (bank_file_id, unpaid_by, unpaid_at, returned_by, returned_at)",
    ),
}

# Neither what seals an account nor what it is sealed as is shown.
_VIEWS = {
    "bank_account": "SELECT a.network_id, a.bank_account_id, a.payee_id, a.partner_id,"
    " a.member_id, a.last4, a.named_by, a.named_at FROM payouts.bank_account a",
    "debit_account": "SELECT d.network_id, d.debit_account_id, d.currency, d.name, d.number,"
    " d.is_iban, d.bic, d.published_by, d.published_at FROM payouts.debit_account d",
    "bank_file": "SELECT f.network_id, f.bank_file_id, f.currency, f.state, f.amount,"
    " f.lines_count, f.debit_account_id, f.content_hash, f.opened_at, f.created_by, f.created_at,"
    " f.released_by, f.released_at FROM payouts.bank_file f",
    "bank_file_line": "SELECT l.network_id, l.bank_file_id, l.attempt_id, l.payout_id,"
    " l.bank_account_id, l.amount, l.currency, l.unpaid_by, l.unpaid_at, l.returned_by,"
    " l.returned_at FROM payouts.bank_file_line l",
}


def upgrade() -> None:
    """Create bank accounts, debit accounts and bank files, and let bank lines name their payout."""
    for statement in _COLUMNS + _TABLES:
        op.execute(statement)
    op.execute(grant("payouts.bank_entry", "UPDATE (attempt_id)"))
    for name, (owners, privileges) in _WALLS.items():
        for statement in wall(f"payouts.{name}", owners=owners):
            op.execute(statement)
        op.execute(grant(f"payouts.{name}", privileges))
        op.execute(grant(f"payouts.{name}", "SELECT", "mizan_audit"))
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in _VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {body}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    # A view takes further columns at its end.
    entry = VIEWS["bank_entry"].replace(" e.journal_id FROM", " e.journal_id, e.attempt_id FROM")
    op.execute(f"CREATE OR REPLACE VIEW audit.bank_entry AS {entry}")
    op.execute(
        "CREATE OR REPLACE VIEW audit.destination_policy AS SELECT p.network_id, p.policy_id,"
        " p.cooldown_seconds, p.published_by, p.published_at, p.rail"
        " FROM payouts.destination_policy p"
    )
    op.execute("SET LOCAL ROLE mizan_owner")
