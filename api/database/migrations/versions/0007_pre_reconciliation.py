"""Outside lines against the ledger, and the views of the auditor."""

from alembic import op

from api.database.ground import grant, wall
from api.database.migrations.audit_views import VIEWS

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_PLATFORM_TABLES = [
    """
    CREATE TABLE payouts.provider_cursor (
      provider text NOT NULL CONSTRAINT provider_cursor_provider CHECK (length(provider) <= 40),
      read_to_at timestamptz NOT NULL,
      changed_at timestamptz NOT NULL,
      CONSTRAINT provider_cursor_pkey PRIMARY KEY (provider)
    )
    """,
    """
    CREATE TABLE payouts.unplaced_transaction (
      provider text NOT NULL
        CONSTRAINT unplaced_transaction_provider CHECK (length(provider) <= 40),
      transaction_id text NOT NULL
        CONSTRAINT unplaced_transaction_id CHECK (length(transaction_id) <= 255),
      type text NOT NULL CONSTRAINT unplaced_transaction_type CHECK (length(type) <= 80),
      source_id text CONSTRAINT unplaced_transaction_source CHECK (length(source_id) <= 255),
      network_id bigint,
      occurred_at timestamptz NOT NULL,
      noticed_at timestamptz NOT NULL,
      CONSTRAINT unplaced_transaction_pkey PRIMARY KEY (provider, transaction_id)
    )
    """,
]

_TENANT_TABLES = [
    """
    CREATE TABLE payouts.provider_transaction (
      network_id bigint NOT NULL,
      provider_transaction_id uuid NOT NULL,
      provider text NOT NULL
        CONSTRAINT provider_transaction_provider CHECK (length(provider) <= 40),
      transaction_id text NOT NULL
        CONSTRAINT provider_transaction_id_length CHECK (length(transaction_id) <= 255),
      type text NOT NULL CONSTRAINT provider_transaction_type CHECK (length(type) <= 80),
      source_id text CONSTRAINT provider_transaction_source CHECK (length(source_id) <= 255),
      order_id uuid,
      amount bigint NOT NULL,
      fee bigint NOT NULL,
      net bigint NOT NULL,
      currency varchar(16) NOT NULL,
      journal_id uuid,
      occurred_at timestamptz NOT NULL,
      recorded_at timestamptz NOT NULL,
      CONSTRAINT provider_transaction_pkey PRIMARY KEY (network_id, provider_transaction_id),
      CONSTRAINT provider_transaction_key UNIQUE (network_id, provider, transaction_id),
      CONSTRAINT provider_transaction_net CHECK (net = amount - fee)
    )
    """,
    "CREATE INDEX provider_transaction_by_source"
    " ON payouts.provider_transaction (network_id, source_id)",
    "CREATE INDEX provider_transaction_by_order"
    " ON payouts.provider_transaction (network_id, order_id)",
    """
    CREATE TABLE payouts.bank_statement (
      network_id bigint NOT NULL,
      bank_statement_id uuid NOT NULL,
      account text NOT NULL
        CONSTRAINT bank_statement_account CHECK (length(account) BETWEEN 1 AND 64),
      statement_ref text NOT NULL
        CONSTRAINT bank_statement_ref CHECK (length(statement_ref) BETWEEN 1 AND 64),
      sequence bigint,
      currency varchar(16) NOT NULL,
      opening bigint NOT NULL,
      closing bigint NOT NULL,
      entries_count integer NOT NULL CONSTRAINT bank_statement_entries CHECK (entries_count >= 0),
      from_on date NOT NULL,
      to_on date NOT NULL,
      content_hash bytea NOT NULL
        CONSTRAINT bank_statement_hash CHECK (length(content_hash) = 32),
      imported_by text NOT NULL
        CONSTRAINT bank_statement_importer CHECK (length(imported_by) <= 255),
      imported_at timestamptz NOT NULL,
      CONSTRAINT bank_statement_pkey PRIMARY KEY (network_id, bank_statement_id),
      CONSTRAINT bank_statement_ref_key UNIQUE (network_id, account, statement_ref),
      CONSTRAINT bank_statement_span CHECK (to_on >= from_on)
    )
    """,
    "CREATE INDEX bank_statement_by_day"
    " ON payouts.bank_statement (network_id, account, to_on, bank_statement_id)",
    """
    CREATE TABLE payouts.bank_entry (
      network_id bigint NOT NULL,
      bank_entry_id uuid NOT NULL,
      bank_statement_id uuid NOT NULL,
      line integer NOT NULL CONSTRAINT bank_entry_line CHECK (line >= 1),
      account text NOT NULL CONSTRAINT bank_entry_account CHECK (length(account) <= 64),
      amount bigint NOT NULL,
      currency varchar(16) NOT NULL,
      booked_on date NOT NULL,
      value_on date,
      bank_reference text
        CONSTRAINT bank_entry_bank_reference CHECK (length(bank_reference) <= 255),
      end_to_end_id text CONSTRAINT bank_entry_end_to_end CHECK (length(end_to_end_id) <= 255),
      remittance text NOT NULL
        CONSTRAINT bank_entry_remittance CHECK (length(remittance) <= 2000),
      provider_transaction_id uuid,
      journal_id uuid,
      CONSTRAINT bank_entry_pkey PRIMARY KEY (network_id, bank_entry_id),
      CONSTRAINT bank_entry_line_key UNIQUE (network_id, bank_statement_id, line),
      CONSTRAINT bank_entry_match_key UNIQUE (network_id, provider_transaction_id)
    )
    """,
    "CREATE INDEX bank_entry_by_reference"
    " ON payouts.bank_entry (network_id, account, bank_reference)",
    """
    CREATE TABLE payouts.reconciliation_item (
      network_id bigint NOT NULL,
      item_id uuid NOT NULL,
      leg text NOT NULL
        CONSTRAINT reconciliation_item_leg CHECK (leg IN ('provider', 'bank', 'statement')),
      state text NOT NULL CONSTRAINT reconciliation_item_state
        CHECK (state IN ('matched', 'unexpected', 'mismatched', 'proposed', 'resolved')),
      reason text CONSTRAINT reconciliation_item_reason CHECK (length(reason) <= 80),
      reference text NOT NULL
        CONSTRAINT reconciliation_item_reference CHECK (length(reference) <= 255),
      provider_transaction_id uuid,
      bank_entry_id uuid,
      bank_statement_id uuid,
      amount bigint NOT NULL,
      open_amount bigint NOT NULL,
      currency varchar(16) NOT NULL,
      occurred_at timestamptz NOT NULL,
      noticed_at timestamptz NOT NULL,
      resolution text CONSTRAINT reconciliation_item_resolution CHECK (length(resolution) <= 40),
      owner_id uuid,
      remark text CONSTRAINT reconciliation_item_remark CHECK (length(remark) <= 1000),
      proposed_by text CONSTRAINT reconciliation_item_maker CHECK (length(proposed_by) <= 255),
      proposed_at timestamptz,
      approved_by text CONSTRAINT reconciliation_item_checker CHECK (length(approved_by) <= 255),
      resolved_at timestamptz,
      journal_id uuid,
      CONSTRAINT reconciliation_item_pkey PRIMARY KEY (network_id, item_id),
      CONSTRAINT reconciliation_item_transaction_key UNIQUE (network_id, provider_transaction_id),
      CONSTRAINT reconciliation_item_entry_key UNIQUE (network_id, bank_entry_id),
      CONSTRAINT reconciliation_item_statement_key UNIQUE (network_id, bank_statement_id),
      CONSTRAINT reconciliation_item_line
        CHECK (num_nonnulls(provider_transaction_id, bank_entry_id, bank_statement_id) = 1),
      CONSTRAINT reconciliation_item_four_eyes CHECK (approved_by <> proposed_by),
      CONSTRAINT reconciliation_item_resolved
        CHECK ((state IN ('matched', 'resolved')) = (resolved_at IS NOT NULL)),
      CONSTRAINT reconciliation_item_proposal CHECK ((proposed_by IS NULL) = (proposed_at IS NULL)
        AND (proposed_by IS NULL) = (resolution IS NULL))
    )
    """,
    "CREATE INDEX reconciliation_item_by_time"
    " ON payouts.reconciliation_item (network_id, occurred_at, item_id)",
    "CREATE INDEX reconciliation_item_open ON payouts.reconciliation_item (network_id, occurred_at)"
    " WHERE resolved_at IS NULL",
]

_STATEMENT = "(network_id, bank_statement_id)"
_ENTRY = "(network_id, bank_entry_id)"
_TRANSACTION = "(network_id, provider_transaction_id)"
_FOREIGN_KEYS = [
    "ALTER TABLE payouts.bank_entry ADD CONSTRAINT bank_entry_statement_fkey"
    f" FOREIGN KEY {_STATEMENT} REFERENCES payouts.bank_statement {_STATEMENT}",
    "ALTER TABLE payouts.bank_entry ADD CONSTRAINT bank_entry_transaction_fkey"
    f" FOREIGN KEY {_TRANSACTION} REFERENCES payouts.provider_transaction {_TRANSACTION}",
    "ALTER TABLE payouts.reconciliation_item ADD CONSTRAINT reconciliation_item_statement_fkey"
    f" FOREIGN KEY {_STATEMENT} REFERENCES payouts.bank_statement {_STATEMENT}",
    "ALTER TABLE payouts.reconciliation_item ADD CONSTRAINT reconciliation_item_entry_fkey"
    f" FOREIGN KEY {_ENTRY} REFERENCES payouts.bank_entry {_ENTRY}",
    "ALTER TABLE payouts.reconciliation_item ADD CONSTRAINT reconciliation_item_transaction_fkey"
    f" FOREIGN KEY {_TRANSACTION} REFERENCES payouts.provider_transaction {_TRANSACTION}",
]

# Who proposed to close a month, so that somebody else does.
_PERIOD = [
    "ALTER TABLE payouts.period ADD COLUMN proposed_by text",
    "ALTER TABLE payouts.period ADD COLUMN proposed_at timestamptz",
    "ALTER TABLE payouts.period ADD CONSTRAINT period_four_eyes CHECK (closed_by <> proposed_by)",
]

_UPDATED = {
    "provider_transaction": "journal_id",
    "bank_statement": "",
    "bank_entry": "provider_transaction_id, journal_id",
    "reconciliation_item": "state, reason, open_amount, resolution, owner_id, remark, proposed_by,"
    " proposed_at, approved_by, resolved_at, journal_id",
}


def upgrade() -> None:
    """Create the tables of reconciliation with their walls, and the views of the auditor."""
    for statement in _PLATFORM_TABLES + _TENANT_TABLES + _FOREIGN_KEYS + _PERIOD:
        op.execute(statement)
    for name, updated in _UPDATED.items():
        for statement in wall(f"payouts.{name}", owners=()):
            op.execute(statement)
        privileges = "SELECT, INSERT" + (f", UPDATE ({updated})" if updated else "")
        op.execute(grant(f"payouts.{name}", privileges))
        op.execute(grant(f"payouts.{name}", "SELECT", "mizan_audit"))
    op.execute(grant("payouts.provider_cursor", "SELECT, INSERT, UPDATE (read_to_at, changed_at)"))
    op.execute(grant("payouts.unplaced_transaction", "SELECT, INSERT, UPDATE (network_id), DELETE"))
    op.execute(grant("payouts.period", "UPDATE (proposed_by, proposed_at)"))
    op.execute(grant("payouts.due", "SELECT", "mizan_audit"))
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {body}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
