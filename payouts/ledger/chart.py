"""The chart of accounts, as data."""

from dataclasses import dataclass

_DEBIT_CLASSES = frozenset({"asset", "expense", "contra_liability", "memo_debit"})
"""Classes that a debit increases; the contra of a liability lessens it, so it stands opposite."""


@dataclass(frozen=True, slots=True)
class AccountType:
    """What an account is for.

    `normal` is +1 where a debit increases it and -1 where a credit does. `floor` is "none",
    "nonneg" when its balance less its holds may never fall below zero, or "limit" when it may fall
    below zero by what was agreed for the account and no further. `mode` is "sync" when a
    balance row is kept and locked with each posting, "append" when its balance is always the sum
    of its postings. `unit_kinds` says in units of which kinds it may be. `has_lots` is what members own: each unit of it knows where it came from and
    when it lapses.
    """

    name: str
    gl_code: str
    account_class: str
    normal: int
    floor: str
    mode: str
    owner_kind: str
    has_lots: bool
    unit_kinds: frozenset[str] = frozenset({"currency"})


_HAVE_LOTS = frozenset({"member_pending", "member_available"})
# Points are owed to members and stand against what they are worth; everything else is money.
_TAKE_POINTS = frozenset({"member_pending", "member_available", "fx_position"})


def _types() -> tuple[AccountType, ...]:
    rows = """
    1100 bank_cash              asset     none   append platform
    1110 stripe_balance         asset     none   append platform
    1115 cash_in_transit        asset     none   append platform
    1120 supplier_prefund       asset     limit  sync   supplier
    1200 partner_recv           asset     none   append partner
    1205 partner_recv_pending   asset     none   append partner
    1207 partner_contested      asset     nonneg sync   partner
    1210 settle_recv            asset     none   sync   partner
    1220 member_recv            asset     none   sync   member
    1230 dispute_recv           asset     none   append platform
    1400 fx_position            asset     none   append platform
    1990 settle_clearing        asset     none   sync   cycle
    2100 member_pending         liability nonneg sync   member
    2110 member_available       liability nonneg sync   member
    2120 member_payout_clearing liability none   sync   member
    2200 partner_payable        liability none   append partner
    2205 partner_payable_pending liability none  append partner
    2210 settle_payable         liability nonneg sync   partner
    2215 transfer_clearing      liability none   sync   partner
    2220 partner_reserve        liability nonneg sync   partner
    2300 gift_card              liability nonneg sync   card
    2301 gc_breakage_contra     contra_liability none append brand
    2320 supplier_payable       liability none   append supplier
    2340 escheat_payable        liability nonneg sync   jurisdiction
    2350 tax_payable            liability none   append jurisdiction
    2400 suspense               liability none   append platform
    2500 fee_deferred           liability none   append partner
    3100 capital                equity    none   append platform
    3200 retained               equity    none   append platform
    4100 platform_fee           revenue   none   append platform
    4110 redemption_margin      revenue   none   append platform
    4200 breakage_gc            revenue   none   append brand
    4210 breakage_cashback      revenue   none   append platform
    5100 bonus_expense          expense   none   append platform
    5110 referral_expense       expense   none   append platform
    5200 processing_fee         expense   none   append platform
    5210 dispute_fee            expense   none   append platform
    5220 cashback_loss          expense   none   append platform
    5300 rounding               expense   none   append platform
    5310 fx_gain_loss           expense   none   append platform
    5320 settlement_concession  expense   none   append platform
    5330 order_loss             expense   none   append platform
    9100 memo_brand_cards       memo_debit  none   append brand
    9110 memo_card              memo_credit nonneg sync   card
    9200 budget_granted         memo_debit  none   append campaign
    9210 budget                 memo_credit nonneg sync   campaign
    9220 budget_spent           memo_credit none   append campaign
    """
    return tuple(_parsed(row) for row in rows.strip().splitlines())


def _parsed(row: str) -> AccountType:
    gl_code, name, account_class, floor, mode, owner_kind = row.split()
    return AccountType(
        name,
        gl_code,
        account_class,
        1 if account_class in _DEBIT_CLASSES else -1,
        floor,
        mode,
        owner_kind,
        name in _HAVE_LOTS,
        frozenset({"currency", "points"} if name in _TAKE_POINTS else {"currency"}),
    )


CHART: dict[str, AccountType] = {kind.name: kind for kind in _types()}
