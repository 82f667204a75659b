"""Margins, stocks, and quotes that are signed, reserve, and may be paid in points."""

from alembic import op

from api.database.ground import grant, wall

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_MARGIN = """
    CREATE TABLE catalog.margin (
      network_id bigint NOT NULL,
      margin_id uuid NOT NULL,
      scope text NOT NULL
        CONSTRAINT margin_scope CHECK (scope IN ('network', 'supplier', 'category', 'brand')),
      subject text NOT NULL CONSTRAINT margin_subject CHECK (length(subject) <= 200),
      version integer NOT NULL CONSTRAINT margin_version CHECK (version > 0),
      margin_bps integer NOT NULL
        CONSTRAINT margin_bps CHECK (margin_bps BETWEEN -5000 AND 10000),
      published_by text NOT NULL,
      published_at timestamptz NOT NULL,
      CONSTRAINT margin_pkey PRIMARY KEY (network_id, margin_id),
      CONSTRAINT margin_version_key UNIQUE (network_id, scope, subject, version),
      CONSTRAINT margin_whole CHECK ((scope = 'network') = (subject = ''))
    )
    """
# What was quoted before has no margin, no signature and was not paid in points.
_QUOTE = """
    ALTER TABLE catalog.quote
      ADD COLUMN line_margin bigint NOT NULL DEFAULT 0,
      ADD COLUMN margin_id uuid,
      ADD COLUMN cost_face bigint,
      ADD COLUMN cost_fee bigint,
      ADD COLUMN cost_discount bigint,
      ADD COLUMN points_price bigint CONSTRAINT quote_points_price CHECK (points_price > 0),
      ADD COLUMN points bigint CONSTRAINT quote_points CHECK (points > 0),
      ADD COLUMN points_worth bigint
        CONSTRAINT quote_points_worth CHECK (points_worth > 0 AND points_worth <= total),
      ADD COLUMN points_rate_id uuid,
      ADD COLUMN signature text CONSTRAINT quote_signature CHECK (length(signature) <= 300),
      DROP CONSTRAINT quote_lines,
      ADD CONSTRAINT quote_lines CHECK
        (total = line_face + line_margin + line_fee + line_discount + line_fx),
      ADD CONSTRAINT quote_cost_lines CHECK (cost_face IS NULL
        OR cost = cost_face + cost_fee + cost_discount),
      ADD CONSTRAINT quote_paid_in_points CHECK
        (num_nulls(points, points_worth, points_rate_id) IN (0, 3))
    """
_REDEMPTION = """
    ALTER TABLE catalog.redemption
      ADD COLUMN points bigint CONSTRAINT redemption_points CHECK (points > 0),
      ADD COLUMN points_worth bigint
        CONSTRAINT redemption_points_worth CHECK (points_worth > 0 AND points_worth <= total),
      ADD COLUMN points_hold_id uuid,
      DROP CONSTRAINT redemption_held,
      ADD CONSTRAINT redemption_held CHECK
        ((kind = 'supplier_card') = (hold_id IS NOT NULL OR points_hold_id IS NOT NULL)),
      ADD CONSTRAINT redemption_paid_in_points CHECK
        ((points IS NULL) = (points_worth IS NULL)
          AND (points_hold_id IS NULL OR points IS NOT NULL))
    """
# A quote of a seat or a card holds it while it may be used: they are counted under the lock of the
# slot or the stock.
_RESERVED = [
    """
    CREATE TABLE catalog.card_stock (
      network_id bigint NOT NULL,
      reward_id uuid NOT NULL,
      cards_left integer CONSTRAINT card_stock_cards_left CHECK (cards_left >= 0),
      set_by text NOT NULL,
      set_at timestamptz NOT NULL,
      CONSTRAINT card_stock_pkey PRIMARY KEY (network_id, reward_id)
    )
    """,
    "CREATE INDEX quote_by_slot ON catalog.quote (network_id, slot_id, expires_at)"
    " WHERE slot_id IS NOT NULL",
    "CREATE INDEX quote_by_own_card ON catalog.quote (network_id, reward_id, expires_at)"
    " WHERE kind = 'own_card'",
]


def upgrade() -> None:
    """Add the table and the columns; nothing that was quoted or redeemed before changes."""
    for statement in (_MARGIN, _QUOTE, _REDEMPTION, *_RESERVED):
        op.execute(statement)
    for table in ("catalog.margin", "catalog.card_stock"):
        for statement in wall(table):
            op.execute(statement)
    op.execute(grant("catalog.margin", "SELECT, INSERT"))
    op.execute(grant("catalog.card_stock", "SELECT, INSERT, UPDATE (cards_left, set_by, set_at)"))
