"""The whole chart of accounts."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_CHART = """
    dispute_recv 1230 asset 1 none append platform
    partner_reserve 2220 liability -1 nonneg sync partner
    gc_breakage_contra 2301 contra_liability 1 none append brand
    escheat_payable 2340 liability -1 nonneg sync jurisdiction
    tax_payable 2350 liability -1 none append jurisdiction
    retained 3200 equity -1 none append platform
    breakage_gc 4200 revenue -1 none append brand
    breakage_cashback 4210 revenue -1 none append platform
    referral_expense 5110 expense 1 none append platform
    dispute_fee 5210 expense 1 none append platform
    fx_gain_loss 5310 expense 1 none append platform
    memo_brand_cards 9100 memo_debit 1 none append brand
    memo_card 9110 memo_credit -1 nonneg sync card
    """


def upgrade() -> None:
    """Insert the accounts that the first chart lacked; those that stand stay as they are."""
    for line in _CHART.strip().splitlines():
        kind, gl_code, class_, normal, *rest = line.split()
        texts = ", ".join(f"'{word}'" for word in (kind, gl_code, class_))
        ends = ", ".join(f"'{word}'" for word in rest)
        op.execute(
            "INSERT INTO payouts.account_type"
            " (type, gl_code, class, normal, floor, mode, owner_kind)"
            f" VALUES ({texts}, {normal}, {ends}) ON CONFLICT (type) DO NOTHING"
        )
