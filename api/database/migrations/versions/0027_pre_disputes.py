"""Disputes of statement lines, and the accounts on which contested amounts wait."""

from alembic import op

from api.database.ground import grant, wall

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_CHART = """
    partner_contested 1207 asset 1 nonneg sync partner
    settlement_concession 5320 expense 1 none append platform
    """

_TABLE = [
    """
    CREATE TABLE payouts.dispute (
      network_id bigint NOT NULL,
      dispute_id uuid NOT NULL,
      statement_id uuid NOT NULL,
      partner_id uuid NOT NULL,
      journal_id uuid NOT NULL,
      line smallint NOT NULL,
      account_type text NOT NULL CONSTRAINT dispute_account_type
        CHECK (account_type IN ('partner_recv', 'partner_payable')),
      amount bigint NOT NULL CONSTRAINT dispute_amount CHECK (amount > 0),
      currency varchar(16) NOT NULL,
      reason text NOT NULL CONSTRAINT dispute_reason CHECK (length(reason) BETWEEN 1 AND 500),
      state text NOT NULL CONSTRAINT dispute_state CHECK (state IN
        ('open', 'accepted', 'partially_accepted', 'rejected', 'withdrawn')),
      opened_by text NOT NULL CONSTRAINT dispute_opener CHECK (length(opened_by) <= 255),
      opened_at timestamptz NOT NULL,
      accepted bigint CONSTRAINT dispute_accepted CHECK (accepted BETWEEN 0 AND amount),
      remark text CONSTRAINT dispute_remark CHECK (length(remark) <= 500),
      decided_by text CONSTRAINT dispute_decider CHECK (length(decided_by) <= 255),
      decided_at timestamptz,
      CONSTRAINT dispute_pkey PRIMARY KEY (network_id, dispute_id),
      CONSTRAINT dispute_decision CHECK (
        (state = 'open') = (accepted IS NULL)
        AND (accepted IS NULL) = (decided_by IS NULL)
        AND (decided_by IS NULL) = (decided_at IS NULL)
        AND (state <> 'accepted' OR accepted = amount)
        AND (state NOT IN ('rejected', 'withdrawn') OR accepted = 0)),
      CONSTRAINT dispute_four_eyes CHECK (state = 'withdrawn' OR decided_by <> opened_by)
    )
    """,
    "CREATE UNIQUE INDEX dispute_line_key ON payouts.dispute (network_id, journal_id, line)"
    " WHERE state <> 'withdrawn'",
    "CREATE INDEX dispute_by_statement ON payouts.dispute (network_id, statement_id)",
    "CREATE INDEX dispute_by_opening ON payouts.dispute (network_id, opened_at, dispute_id)",
]

_VIEW = (
    "SELECT d.network_id, d.dispute_id, d.statement_id, d.partner_id, d.journal_id, d.line,"
    " d.account_type, d.amount, d.currency, d.reason, d.state, d.opened_by, d.opened_at,"
    " d.accepted, d.remark, d.decided_by, d.decided_at FROM payouts.dispute d"
)


def upgrade() -> None:
    """Insert the accounts and make the table of disputes."""
    for line in _CHART.strip().splitlines():
        kind, gl_code, class_, normal, *rest = line.split()
        texts = ", ".join(f"'{word}'" for word in (kind, gl_code, class_))
        ends = ", ".join(f"'{word}'" for word in rest)
        op.execute(
            "INSERT INTO payouts.account_type"
            " (type, gl_code, class, normal, floor, mode, owner_kind)"
            f" VALUES ({texts}, {normal}, {ends}) ON CONFLICT (type) DO NOTHING"
        )
    for statement in _TABLE:
        op.execute(statement)
    for statement in wall("payouts.dispute", owners=("partner_id",)):
        op.execute(statement)
    op.execute(
        grant(
            "payouts.dispute",
            "SELECT, INSERT, UPDATE (state, accepted, remark, decided_by, decided_at)",
        )
    )
    op.execute(grant("payouts.dispute", "SELECT", "mizan_audit"))
    op.execute("SET LOCAL ROLE mizan_audit")
    op.execute(f"CREATE VIEW audit.dispute AS {_VIEW}")
    op.execute("GRANT SELECT ON audit.dispute TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
