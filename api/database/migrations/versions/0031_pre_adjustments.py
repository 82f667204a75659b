"""Adjustment statements: documents of what corrects a statement that is final."""

from alembic import op

from api.database.ground import grant, wall

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_TABLE = [
    """
    CREATE TABLE payouts.adjustment_statement (
      network_id bigint NOT NULL,
      adjustment_id uuid NOT NULL,
      statement_id uuid NOT NULL,
      adjusts_number bigint NOT NULL,
      partner_id uuid NOT NULL,
      number bigint NOT NULL CONSTRAINT adjustment_statement_number
        CHECK (number > adjusts_number),
      currency varchar(16) NOT NULL,
      from_seq bigint NOT NULL,
      to_seq bigint NOT NULL CONSTRAINT adjustment_statement_places CHECK (to_seq > from_seq),
      receivable bigint NOT NULL,
      payable bigint NOT NULL,
      lines_count bigint NOT NULL CONSTRAINT adjustment_statement_lines CHECK (lines_count > 0),
      block bigint,
      content_hash text NOT NULL,
      issued_by text NOT NULL CONSTRAINT adjustment_statement_issuer
        CHECK (length(issued_by) <= 255),
      issued_at timestamptz NOT NULL,
      CONSTRAINT adjustment_statement_pkey PRIMARY KEY (network_id, adjustment_id),
      CONSTRAINT adjustment_statement_adjusts_fkey FOREIGN KEY (network_id, statement_id)
        REFERENCES payouts.statement (network_id, statement_id),
      CONSTRAINT adjustment_statement_number_key UNIQUE (network_id, number),
      CONSTRAINT adjustment_statement_from_key UNIQUE (network_id, statement_id, from_seq)
    )
    """,
]

# The rule by which the lines are drawn, for the auditor too. A statement of before, which has no
# cut, ended at a place, and nothing is late for it.
_LINE_OF = "l.network_id = d.network_id AND l.statement_id = d.statement_id"
_VIEWS = {
    "adjustment_statement": "SELECT d.network_id, d.adjustment_id, d.statement_id,"
    " d.adjusts_number, d.partner_id, d.number, d.currency, d.from_seq, d.to_seq, d.receivable,"
    " d.payable, d.receivable - d.payable AS net, d.lines_count, d.block, d.content_hash,"
    " d.issued_by, d.issued_at FROM payouts.adjustment_statement d",
    "adjustment_line": "SELECT x.network_id, x.adjustment_id, x.statement_id, x.partner_id, x.seq,"
    " x.journal_id, x.line, x.kind, x.cause_kind, x.cause_id, x.account_type, x.unit, x.amount,"
    " x.effective_at, coalesce(x.decides, x.reverses) AS corrects,"
    " CASE WHEN x.decides IS NOT NULL THEN 'dispute' WHEN x.reverses IS NOT NULL THEN 'reversal'"
    " ELSE 'late' END AS reason, x.is_late FROM ("
    "SELECT d.network_id, d.adjustment_id, d.statement_id, d.partner_id, k.seq, p.journal_id,"
    " p.line, j.kind, j.cause_kind, j.cause_id, a.type AS account_type, p.unit, p.amount,"
    " p.effective_at,"
    f" (SELECT l.journal_id FROM audit.statement_line l WHERE {_LINE_OF}"
    " AND l.journal_id = j.reverses LIMIT 1) AS reverses,"
    f" (SELECT l.journal_id FROM audit.statement_line l WHERE {_LINE_OF}"
    " AND l.kind = 'statement.contest' AND l.cause_kind = j.cause_kind AND l.cause_id = j.cause_id"
    " AND j.kind IN ('statement.contest_accepted', 'statement.contest_rejected')"
    " ORDER BY l.journal_id LIMIT 1) AS decides,"
    " coalesce(j.effective_at < s.cut_at AND (j.effective_at < s.before_at) IS NOT TRUE, false)"
    " AS is_late"
    " FROM payouts.adjustment_statement d"
    " JOIN payouts.statement s ON s.network_id = d.network_id AND s.statement_id = d.statement_id"
    " JOIN payouts.seal k ON k.book_id = d.network_id AND k.seq > d.from_seq AND k.seq <= d.to_seq"
    " JOIN payouts.journal j ON j.book_id = k.book_id AND j.journal_id = k.journal_id"
    " AND j.kind <> 'settlement.net'"
    " AND (k.seq <= s.to_seq AND j.effective_at < s.cut_at) IS NOT TRUE"
    " JOIN payouts.posting p ON p.book_id = k.book_id AND p.journal_id = k.journal_id"
    " JOIN payouts.account a ON a.book_id = p.book_id AND a.account_id = p.account_id"
    " AND a.type IN ('partner_recv', 'partner_payable')"
    " AND a.owner_id = d.partner_id::text AND a.unit = d.currency"
    ") x WHERE x.reverses IS NOT NULL OR x.decides IS NOT NULL OR x.is_late",
}


def upgrade() -> None:
    """Make the table of adjustment statements and what the auditor sees of it."""
    for statement in _TABLE:
        op.execute(statement)
    for statement in wall("payouts.adjustment_statement", owners=("partner_id",)):
        op.execute(statement)
    op.execute(grant("payouts.adjustment_statement", "SELECT, INSERT"))
    op.execute(grant("payouts.adjustment_statement", "SELECT", "mizan_audit"))
    op.execute("SET LOCAL ROLE mizan_audit")
    for name, body in _VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {body}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
