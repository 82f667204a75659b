"""Orders that suppliers took and that nobody had anything of, and what finance agreed of each."""

from alembic import op

from api.database.ground import grant, wall

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_ACCOUNT = (
    "INSERT INTO payouts.account_type (type, gl_code, class, normal, floor, mode, owner_kind)"
    " VALUES ('order_loss', '5330', 'expense', 1, 'none', 'append', 'platform')"
    " ON CONFLICT (type) DO NOTHING"
)

_TABLES = [
    """
    CREATE TABLE catalog.mistaken_order (
      network_id bigint NOT NULL,
      mistaken_order_id uuid NOT NULL,
      redemption_id uuid NOT NULL,
      attempt_id uuid NOT NULL,
      supplier_id uuid NOT NULL,
      kind text NOT NULL CONSTRAINT mistaken_order_kind CHECK (kind IN ('lost', 'surplus')),
      reference text
        CONSTRAINT mistaken_order_reference CHECK (length(reference) BETWEEN 1 AND 200),
      state text NOT NULL CONSTRAINT mistaken_order_state CHECK
        (state IN ('open', 'settled', 'cancelled', 'written_off')),
      reported_by text
        CONSTRAINT mistaken_order_reporter CHECK (length(reported_by) BETWEEN 1 AND 255),
      noticed_at timestamptz NOT NULL,
      ended_at timestamptz,
      CONSTRAINT mistaken_order_pkey PRIMARY KEY (network_id, mistaken_order_id),
      CONSTRAINT mistaken_order_redemption_fkey FOREIGN KEY (network_id, redemption_id)
        REFERENCES catalog.redemption (network_id, redemption_id),
      CONSTRAINT mistaken_order_attempt_fkey FOREIGN KEY (network_id, attempt_id)
        REFERENCES catalog.redemption_attempt (network_id, attempt_id),
      CONSTRAINT mistaken_order_named CHECK
        (reference IS NOT NULL OR (kind = 'lost' AND state IN ('open', 'settled'))),
      CONSTRAINT mistaken_order_ended CHECK ((state = 'open') = (ended_at IS NULL))
    )
    """,
    "CREATE UNIQUE INDEX mistaken_order_lost_key ON catalog.mistaken_order"
    " (network_id, attempt_id) WHERE kind = 'lost'",
    "CREATE UNIQUE INDEX mistaken_order_reference_key ON catalog.mistaken_order"
    " (network_id, supplier_id, reference) WHERE reference IS NOT NULL",
    "CREATE INDEX mistaken_order_by_notice ON catalog.mistaken_order"
    " (network_id, noticed_at, mistaken_order_id)",
    "CREATE INDEX mistaken_order_by_redemption ON catalog.mistaken_order"
    " (network_id, redemption_id)",
    "CREATE INDEX redemption_attempt_by_reference ON catalog.redemption_attempt"
    " (network_id, supplier_id, supplier_reference) WHERE supplier_reference IS NOT NULL",
    """
    CREATE TABLE catalog.mistaken_order_resolution (
      network_id bigint NOT NULL,
      resolution_id uuid NOT NULL,
      mistaken_order_id uuid NOT NULL,
      number integer NOT NULL
        CONSTRAINT mistaken_order_resolution_number CHECK (number > 0),
      outcome text NOT NULL CONSTRAINT mistaken_order_resolution_outcome CHECK
        (outcome IN ('cancelled', 'written_off')),
      reference text NOT NULL CONSTRAINT mistaken_order_resolution_reference CHECK
        (length(reference) BETWEEN 1 AND 200),
      charged bigint CONSTRAINT mistaken_order_resolution_charged CHECK (charged > 0),
      currency varchar(16),
      remark text NOT NULL CONSTRAINT mistaken_order_resolution_remark CHECK
        (length(remark) BETWEEN 1 AND 500),
      proposed_by text NOT NULL CONSTRAINT mistaken_order_resolution_proposer CHECK
        (length(proposed_by) BETWEEN 1 AND 255),
      proposed_at timestamptz NOT NULL,
      approved_by text CONSTRAINT mistaken_order_resolution_approver CHECK
        (length(approved_by) BETWEEN 1 AND 255),
      approved_at timestamptz,
      lapsed_at timestamptz,
      journal_id uuid,
      CONSTRAINT mistaken_order_resolution_pkey PRIMARY KEY (network_id, resolution_id),
      CONSTRAINT mistaken_order_resolution_number_key
        UNIQUE (network_id, mistaken_order_id, number),
      CONSTRAINT mistaken_order_resolution_order_fkey FOREIGN KEY (network_id, mistaken_order_id)
        REFERENCES catalog.mistaken_order (network_id, mistaken_order_id),
      CONSTRAINT mistaken_order_resolution_amount CHECK
        ((outcome = 'written_off') = (charged IS NOT NULL)
         AND (charged IS NULL) = (currency IS NULL)),
      CONSTRAINT mistaken_order_resolution_approval CHECK
        ((approved_by IS NULL) = (approved_at IS NULL)
         AND (approved_by IS NOT NULL OR journal_id IS NULL)
         AND (approved_at IS NULL OR lapsed_at IS NULL)),
      CONSTRAINT mistaken_order_resolution_four_eyes CHECK (approved_by <> proposed_by)
    )
    """,
]

# Orders that came to light before there was a list of them; until then only attempts kept them.
_EARLIER = """
    INSERT INTO catalog.mistaken_order (network_id, mistaken_order_id, redemption_id, attempt_id,
      supplier_id, kind, reference, state, noticed_at)
    SELECT a.network_id, gen_random_uuid(), a.redemption_id, a.attempt_id, a.supplier_id,
      'surplus', r.reference, 'open', coalesce(a.ended_at, a.claimed_at)
    FROM catalog.redemption_attempt a, unnest(a.other_references) AS r (reference)
    WHERE cardinality(a.other_references) > 0 AND length(r.reference) BETWEEN 1 AND 200
    ON CONFLICT DO NOTHING
    """

_VIEWS = {
    "mistaken_order": "SELECT m.network_id, m.mistaken_order_id, m.redemption_id, m.attempt_id,"
    " m.supplier_id, m.kind, m.reference, m.state, m.reported_by, m.noticed_at, m.ended_at"
    " FROM catalog.mistaken_order m",
    "mistaken_order_resolution": "SELECT r.network_id, r.resolution_id, r.mistaken_order_id,"
    " r.number, r.outcome, r.reference, r.charged, r.currency, r.remark, r.proposed_by,"
    " r.proposed_at, r.approved_by, r.approved_at, r.lapsed_at, r.journal_id"
    " FROM catalog.mistaken_order_resolution r",
}

_GRANTS = {
    "mistaken_order": "SELECT, INSERT, UPDATE (state, reference, noticed_at, ended_at)",
    "mistaken_order_resolution": "SELECT, INSERT, UPDATE (approved_by, approved_at, lapsed_at, journal_id)",
}


def upgrade() -> None:
    """Insert the account, make the tables, and list what came to light before."""
    op.execute(_ACCOUNT)
    for statement in _TABLES:
        op.execute(statement)
    # The owner stands before the walls like everybody; only this role sees all networks' rows.
    op.execute("SET LOCAL ROLE mizan_migrator")
    op.execute(_EARLIER)
    op.execute("SET LOCAL ROLE mizan_owner")
    for table, privileges in _GRANTS.items():
        for statement in wall(f"catalog.{table}", owners=()):
            op.execute(statement)
        op.execute(grant(f"catalog.{table}", privileges))
        op.execute(grant(f"catalog.{table}", "SELECT", "mizan_audit"))
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, query in _VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {query}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
