"""Reads of budgets; exact at every instant."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.budgets.errors import BudgetNotFound
from payouts.budgets.model import Budget, Terms
from payouts.budgets.tables import budget
from payouts.ledger import read_balances
from payouts.money import Money


async def read_terms(
    db: AsyncConnection, *, network_id: int, budget_id: UUID, is_locked: bool = False
) -> Terms:
    """Read how a budget was set up. Raises BudgetNotFound."""
    query = select(budget.c.unit, budget.c.cap, budget.c.slices).where(
        budget.c.network_id == network_id, budget.c.budget_id == budget_id
    )
    found = (await db.execute(query.with_for_update() if is_locked else query)).one_or_none()
    if found is None:
        raise BudgetNotFound(budget_id=str(budget_id))
    return Terms(budget_id, Money(found.cap, found.unit), found.slices)


async def read_budget(db: AsyncConnection, *, network_id: int, budget_id: UUID) -> Budget:
    """Tell what a budget may spend, has spent and has left. Raises BudgetNotFound."""
    terms = await read_terms(db, network_id=network_id, budget_id=budget_id)
    # Both accounts are append-only, so one statement reads them, at one instant.
    found = await read_balances(db, network_id=network_id, accounts=[terms.granted, terms.spent])
    granted, spent = found[terms.granted].posted, found[terms.spent].posted
    return Budget(budget_id, granted, spent, terms.slices)
