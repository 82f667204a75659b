"""Choosing rules that can pay, where some have budgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from partners.purchases.model import Purchase
from partners.rules import EarnRule, PassedOver, find_next_rules
from payouts.budgets import Spending, spend_budgets
from payouts.ledger import Cause
from payouts.refusal import Refusal

PASSES_MAX = 1_000
"""Each pass goes one rule further down for a purchase; a partner has far fewer in force."""


@dataclass(slots=True)
class Bought:
    """A purchase that was booked just now, who reported it, and by which rule it earns, if any."""

    purchase: Purchase
    actor: str
    rule: EarnRule | None


async def choose_funded_rules(
    db: AsyncConnection, *, network_id: int, bought: Sequence[Bought], now: datetime
) -> None:
    """Spend budgets on purchases, and change the rule of those whose rule's budget cannot pay.

    A rule that cannot pay the whole cashback of a purchase is passed over for it, and the next in
    order is looked at, until one pays or none is left.
    """
    undecided = list(bought)
    for _ in range(PASSES_MAX):
        undecided = await _spend(db, network_id, undecided, now)
        if not undecided:
            return
        passed = [
            PassedOver(
                one.purchase.partner_id,
                one.purchase.member_id,
                one.purchase.category,
                one.purchase.purchased_at,
                one.rule,
            )
            for one in undecided
            if one.rule is not None
        ]
        found = await find_next_rules(db, network_id=network_id, passed=passed)
        for one, rule in zip(undecided, found, strict=True):
            one.rule = rule
    raise AssertionError("no partner has so many rules")


async def _spend(
    db: AsyncConnection, network_id: int, bought: Sequence[Bought], now: datetime
) -> list[Bought]:
    """Spend the budgets of the rules that have one; gives those purchases that they do not pay."""
    drawing: list[Bought] = []
    spendings: list[Spending] = []
    for one in bought:
        if one.rule is None or one.rule.budget is None:
            continue
        cashback = one.rule.cashback_on(one.purchase.amount)
        if cashback:
            drawing.append(one)
            cause = Cause("purchase", str(one.purchase.purchase_id))
            spendings.append(Spending(one.rule.budget.budget_id, cashback, cause, one.actor))
    if not drawing:
        return []
    outcomes = await spend_budgets(db, network_id=network_id, spendings=spendings, now=now)
    return [
        one for one, outcome in zip(drawing, outcomes, strict=True) if isinstance(outcome, Refusal)
    ]
