"""Units: points beside money, and which accounts take which; limits of prefunds; ends of debts."""

from alembic import op
from sqlalchemy import text

from api.database.ground import grant, wall
from api.database.migrations.audit_views import EARNING_VIEWS, LEDGER_VIEWS
from api.database.migrations.ledger_functions import PLACE_HOLD
from api.database.migrations.limit_function import AGREE_FLOOR_LIMIT
from api.database.migrations.posting_function import POST_JOURNALS

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_LIMITS = [
    "ALTER TABLE payouts.account_type DROP CONSTRAINT account_type_floor",
    "ALTER TABLE payouts.account_type ADD CONSTRAINT account_type_floor"
    " CHECK (floor IN ('none', 'nonneg', 'limit'))",
    "UPDATE payouts.account_type SET floor = 'limit' WHERE type = 'supplier_prefund'",
    "ALTER TABLE payouts.account ADD COLUMN floor_limit bigint NOT NULL DEFAULT 0",
    "ALTER TABLE payouts.account ADD CONSTRAINT account_floor_limit CHECK (floor_limit >= 0)",
    """
    CREATE TABLE payouts.floor_limit (
      book_id bigint NOT NULL,
      account_id uuid NOT NULL,
      number integer NOT NULL CONSTRAINT floor_limit_number CHECK (number >= 1),
      network_id bigint NOT NULL,
      unit varchar(16) NOT NULL,
      amount bigint NOT NULL CONSTRAINT floor_limit_amount CHECK (amount >= 0),
      agreed_by text NOT NULL
        CONSTRAINT floor_limit_agreed_by CHECK (length(agreed_by) BETWEEN 1 AND 255),
      agreed_at timestamptz NOT NULL,
      CONSTRAINT floor_limit_pkey PRIMARY KEY (book_id, account_id, number)
    )
    """,
    "ALTER TABLE payouts.floor_limit ADD CONSTRAINT floor_limit_account_fkey"
    " FOREIGN KEY (book_id, account_id) REFERENCES payouts.account (book_id, account_id)",
]

# Every account of before is in a currency, and no currency is called POINTS.
_UNITS = [
    "ALTER TABLE payouts.unit ADD CONSTRAINT unit_kind_key UNIQUE (unit, kind)",
    "INSERT INTO payouts.unit (unit, exponent, kind) VALUES ('POINTS', 0, 'points')",
    "ALTER TABLE payouts.account_type ADD COLUMN unit_kinds text[] NOT NULL DEFAULT '{currency}'",
    "ALTER TABLE payouts.account_type ADD CONSTRAINT account_type_unit_kinds"
    " CHECK (cardinality(unit_kinds) >= 1 AND unit_kinds <@ '{currency,points}')",
    "UPDATE payouts.account_type SET unit_kinds = '{currency,points}'"
    " WHERE type IN ('member_pending', 'member_available', 'fx_position')",
    "ALTER TABLE payouts.account ADD COLUMN unit_kind text NOT NULL DEFAULT 'currency'",
]
_UNIT_OF_ITS_KIND = [
    "ALTER TABLE payouts.account ADD CONSTRAINT account_unit_kind_fkey"
    " FOREIGN KEY (unit, unit_kind) REFERENCES payouts.unit (unit, kind)",
    "ALTER TABLE payouts.account DROP CONSTRAINT account_unit_fkey",
]

# What was drawn beyond a prefund before there were limits had been let happen: that much is agreed,
# and nothing more.
_BELOW = """
    INSERT INTO payouts.floor_limit (book_id, account_id, number, network_id, unit, amount,
      agreed_by, agreed_at)
    SELECT a.book_id, a.account_id, 1, a.network_id, a.unit,
      b.held - (b.debit - b.credit) * t.normal, 'migration', now()
    FROM payouts.account a
    JOIN payouts.account_type t ON t.type = a.type AND t.floor = 'limit'
    JOIN payouts.balance b ON b.book_id = a.book_id AND b.account_id = a.account_id
    WHERE (b.debit - b.credit) * t.normal < b.held
    """
_AGREED = """
    UPDATE payouts.account a SET floor_limit = l.amount FROM payouts.floor_limit l
    WHERE l.book_id = a.book_id AND l.account_id = a.account_id
    """

# Returns of before left debts that have not ended; a policy ends them when there is one.
_DEBTS = [
    """
    CREATE TABLE partners.debt_policy (
      network_id bigint NOT NULL,
      policy_id uuid NOT NULL,
      treatment text NOT NULL CONSTRAINT debt_policy_treatment
        CHECK (treatment IN ('offset', 'write_off', 'recharge')),
      after_days integer CONSTRAINT debt_policy_after CHECK (after_days BETWEEN 1 AND 3650),
      published_by text NOT NULL
        CONSTRAINT debt_policy_published_by CHECK (length(published_by) BETWEEN 1 AND 255),
      published_at timestamptz NOT NULL,
      CONSTRAINT debt_policy_pkey PRIMARY KEY (network_id, policy_id),
      CONSTRAINT debt_policy_is_timed CHECK ((treatment = 'offset') = (after_days IS NULL))
    )
    """,
    "ALTER TABLE partners.purchase_return ADD COLUMN debt_end text CONSTRAINT"
    " purchase_return_debt_end CHECK (debt_end IN ('offset', 'write_off', 'recharge'))",
    "ALTER TABLE partners.purchase_return ADD COLUMN debt_given_up bigint NOT NULL DEFAULT 0",
    "ALTER TABLE partners.purchase_return ADD CONSTRAINT purchase_return_debt_given_up"
    " CHECK (debt_given_up BETWEEN 0 AND debt)",
    "ALTER TABLE partners.purchase_return ADD COLUMN debt_ended_at timestamptz",
    "ALTER TABLE partners.purchase_return ADD CONSTRAINT purchase_return_debt_ends CHECK"
    " ((debt_end IS NULL) = (debt_ended_at IS NULL)"
    " AND (debt_given_up > 0) = coalesce(debt_end <> 'offset', false))",
    "CREATE INDEX purchase_return_in_debt ON partners.purchase_return"
    " (network_id, returned_at, member_id) WHERE debt > 0 AND debt_ended_at IS NULL",
    "CREATE INDEX purchase_return_debts_of ON partners.purchase_return"
    " (network_id, member_id) WHERE debt > 0 AND debt_ended_at IS NULL",
]

_ACCOUNT_VIEW = LEDGER_VIEWS["account"].replace(
    ", a.created_at", ", a.created_at, t.has_lots, a.floor_limit, a.unit_kind, t.unit_kinds"
)
_RETURN_VIEW = EARNING_VIEWS["purchase_return"].replace(
    ", r.returned_at", ", r.returned_at, r.debt_end, r.debt_given_up, r.debt_ended_at"
)
_VIEWS = {
    "debt_policy": "SELECT p.network_id, p.policy_id, p.treatment, p.after_days, p.published_by,"
    " p.published_at FROM partners.debt_policy p",
    "floor_limit": "SELECT l.book_id, l.network_id, l.account_id, l.number, l.unit, l.amount,"
    " l.agreed_by, l.agreed_at FROM payouts.floor_limit l",
}


def upgrade() -> None:
    """Let accounts say which units they take, prefunds have limits, and debts end by a policy."""
    for statement in _UNITS + _LIMITS + _DEBTS:
        op.execute(statement)
    for statement in wall("payouts.floor_limit", key="book_id"):
        op.execute(statement)
    op.execute(grant("payouts.floor_limit", "SELECT"))
    op.execute(grant("payouts.floor_limit", "SELECT, INSERT", "mizan_ledger"))
    op.execute(grant("payouts.floor_limit", "SELECT", "mizan_audit"))
    op.execute(grant("payouts.account", "UPDATE (floor_limit)", "mizan_ledger"))
    for statement in wall("partners.debt_policy", owners=()):
        op.execute(statement)
    op.execute(grant("partners.debt_policy", "SELECT, INSERT"))
    op.execute(grant("partners.debt_policy", "SELECT", "mizan_audit"))
    op.execute(grant("partners.purchase_return", "UPDATE (debt_end, debt_given_up, debt_ended_at)"))
    # The owner stands before the walls like everybody; only this role sees all networks' rows.
    op.execute("SET LOCAL ROLE mizan_migrator")
    _agree_to_what_was_drawn()
    # A foreign key is checked against the rows that whoever adds it can see.
    for statement in _UNIT_OF_ITS_KIND:
        op.execute(statement)
    op.execute("SET LOCAL ROLE mizan_owner")
    _replace_functions()
    _show()


def _agree_to_what_was_drawn() -> None:
    db = op.get_bind()
    below = db.execute(text(_BELOW)).rowcount
    agreed = db.execute(text(_AGREED)).rowcount
    if agreed != below:
        raise RuntimeError(f"{agreed} of {below} accounts below zero got their limit")


def _replace_functions() -> None:
    op.execute("GRANT CREATE ON SCHEMA payouts TO mizan_ledger")
    op.execute("SET LOCAL ROLE mizan_ledger")
    for function in (POST_JOURNALS, PLACE_HOLD):
        op.execute(function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1))
    op.execute(AGREE_FLOOR_LIMIT)
    op.execute(
        "GRANT EXECUTE ON FUNCTION"
        " payouts.agree_floor_limit(bigint, uuid, bigint, text, timestamptz) TO mizan_app"
    )
    op.execute("SET LOCAL ROLE mizan_owner")
    op.execute("REVOKE CREATE ON SCHEMA payouts FROM mizan_ledger")


def _show() -> None:
    op.execute("SET LOCAL ROLE mizan_audit")
    op.execute(f"CREATE OR REPLACE VIEW audit.account AS {_ACCOUNT_VIEW}")
    op.execute(f"CREATE OR REPLACE VIEW audit.purchase_return AS {_RETURN_VIEW}")
    for name, body in _VIEWS.items():
        op.execute(f"CREATE VIEW audit.{name} AS {body}")
        op.execute(f"GRANT SELECT ON audit.{name} TO mizan_auditor")
    op.execute("SET LOCAL ROLE mizan_owner")
