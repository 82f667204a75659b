"""Giving back to the budgets of rules."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from partners.accruals.model import Accrual
from partners.rules import get_rule
from payouts.budgets import return_budget
from payouts.ledger import Cause
from payouts.money import Money


async def give_back_budget(
    db: AsyncConnection,
    *,
    network_id: int,
    accrual: Accrual,
    cashback: Money,
    return_id: UUID,
    actor: str,
    now: datetime,
) -> None:
    """Give a part of an accrual's cashback back to the budget that its rule has, if it has one."""
    if accrual.rule_id is None or not cashback:
        return
    rule = await get_rule(db, network_id=network_id, rule_id=accrual.rule_id)
    if rule.budget is None:
        return
    await return_budget(
        db,
        network_id=network_id,
        budget_id=rule.budget.budget_id,
        amount=cashback,
        spent_by=Cause("purchase", str(accrual.purchase_id)),
        cause=Cause("purchase_return", str(return_id)),
        actor=actor,
        now=now,
    )
