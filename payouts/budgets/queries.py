"""Reads of budgets; exact at every instant."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.budgets.errors import BudgetNotFound
from payouts.budgets.model import Budget, BudgetBalance, Terms
from payouts.budgets.tables import budget
from payouts.ledger import Account, read_balances
from payouts.money import Money


def _terms(network_id: int) -> Select[Any]:
    return select(budget.c.budget_id, budget.c.unit, budget.c.cap, budget.c.slices).where(
        budget.c.network_id == network_id
    )


def _terms_of(row: Row[Any]) -> Terms:
    return Terms(row.budget_id, Money(row.cap, row.unit), row.slices)


async def read_all_terms(
    db: AsyncConnection, *, network_id: int, budget_ids: Sequence[UUID]
) -> dict[UUID, Terms]:
    """Read how budgets were set up, by id. Raises BudgetNotFound."""
    rows = await db.execute(_terms(network_id).where(budget.c.budget_id.in_(budget_ids)))
    found = {row.budget_id: _terms_of(row) for row in rows}
    for budget_id in budget_ids:
        if budget_id not in found:
            raise BudgetNotFound(budget_id=str(budget_id))
    return found


async def read_terms(
    db: AsyncConnection, *, network_id: int, budget_id: UUID, is_locked: bool = False
) -> Terms:
    """Read how a budget was set up. Raises BudgetNotFound."""
    query = _terms(network_id).where(budget.c.budget_id == budget_id)
    found = (await db.execute(query.with_for_update() if is_locked else query)).one_or_none()
    if found is None:
        raise BudgetNotFound(budget_id=str(budget_id))
    return _terms_of(found)


async def read_budget(db: AsyncConnection, *, network_id: int, budget_id: UUID) -> Budget:
    """Tell what a budget may spend, has spent and has left. Raises BudgetNotFound."""
    terms = await read_terms(db, network_id=network_id, budget_id=budget_id)
    units = {budget_id: terms.cap.currency}
    found = (await read_budget_balances(db, network_id=network_id, units=units))[budget_id]
    return Budget(budget_id, found.cap, found.spent, terms.slices)


async def read_budget_balances(
    db: AsyncConnection, *, network_id: int, units: Mapping[UUID, str]
) -> dict[UUID, BudgetBalance]:
    """Tell what budgets, given with their units, were granted and have spent: from the books alone.

    All accounts are append-only, so one statement reads them, at one instant.
    """
    granted = {key: Account("budget_granted", str(key), unit) for key, unit in units.items()}
    spent = {key: Account("budget_spent", str(key), unit) for key, unit in units.items()}
    accounts = [*granted.values(), *spent.values()]
    found = await read_balances(db, network_id=network_id, accounts=accounts)
    return {
        key: BudgetBalance(found[granted[key]].posted, found[spent[key]].posted) for key in units
    }
