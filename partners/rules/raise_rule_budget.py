"""Raising what an earn rule may pay."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from partners.rules.errors import RuleHasNoBudget
from partners.rules.model import EarnRule, check_cap
from partners.rules.queries import get_rule
from payouts.budgets import BudgetCapNotRaised, grant_budget, read_budget
from payouts.money import Money


async def raise_rule_budget(
    db: AsyncConnection, *, network_id: int, rule_id: UUID, cap: Money, actor: str, now: datetime
) -> EarnRule:
    """Let a rule pay more in all, up to a new cap.

    Raises RuleNotFound, RuleHasNoBudget, InvalidBudget, and BudgetCapNotRaised for a cap that is
    not above the present one.
    """
    rule = await get_rule(db, network_id=network_id, rule_id=rule_id)
    if rule.budget is None:
        raise RuleHasNoBudget
    check_cap(cap, rule.budget.currency, path="cap")
    budget_id = rule.budget.budget_id
    granted = await grant_budget(
        db, network_id=network_id, budget_id=budget_id, cap=cap, actor=actor, now=now
    )
    if granted.replayed:
        # It had this cap already, now or before it was raised further.
        found = await read_budget(db, network_id=network_id, budget_id=budget_id)
        raise BudgetCapNotRaised(cap=str(found.cap.decimal), currency=found.cap.currency)
    return rule
