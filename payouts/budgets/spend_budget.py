"""Spending of budgets."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.budgets.errors import BudgetExhausted
from payouts.budgets.model import Terms, spend_key
from payouts.budgets.queries import read_terms
from payouts.events import budget_spend
from payouts.ledger import (
    Cause,
    Draft,
    Line,
    Posted,
    find_journal,
    lock_balances,
    lock_coverage,
    post_journal,
    read_balances,
)
from payouts.money import Money


@dataclass(frozen=True, slots=True)
class _Spending:
    network_id: int
    terms: Terms
    number: int
    amount: Money
    cause: Cause
    actor: str
    now: datetime

    @property
    def key(self) -> str:
        return spend_key(self.terms.budget_id, self.cause)

    def draft(self, kind: str, key: str, lines: tuple[Line, ...]) -> Draft:
        return Draft(kind, key, self.cause, lines, self.actor, self.now)


async def spend_budget(
    db: AsyncConnection,
    *,
    network_id: int,
    budget_id: UUID,
    amount: Money,
    cause: Cause,
    actor: str,
    now: datetime,
    slice_number: int | None = None,
) -> Posted:
    """Take an amount of a budget, once per cause; a second call with the cause returns the first.

    The slice is the cause's own unless one is named, which then stays the same for the cause.
    Raises BudgetExhausted when the whole budget has less left, BudgetNotFound. Whoever locks
    members' balances in the same transaction spends first.
    """
    terms = await read_terms(db, network_id=network_id, budget_id=budget_id)
    if amount.minor <= 0 or amount.currency != terms.cap.currency:
        raise ValueError("a positive amount in the unit of its budget is spent")
    number = terms.slice_for(cause) if slice_number is None else slice_number
    if not 1 <= number <= terms.slices:
        raise ValueError(f"the budget has slices 1 to {terms.slices}")
    one = _Spending(network_id, terms, number, amount, cause, actor, now)
    found = await find_journal(db, network_id=network_id, key=one.key)
    if found is not None:
        return Posted(found, replayed=True)
    own = terms.slice(number)
    if not await lock_coverage(db, network_id=network_id, account=own, amount=amount):
        found = await _fill(db, one)
        if found is not None:
            return Posted(found, replayed=True)
    lines = budget_spend(budget_id=budget_id, number=number, amount=amount)
    draft = one.draft("budget.spend", one.key, lines)
    return await post_journal(db, network_id=network_id, draft=draft, now=now)


async def _fill(db: AsyncConnection, one: _Spending) -> UUID | None:
    """Bring what is lacking into the slice; finds the journal of who did it all meanwhile."""
    slices = one.terms.all_slices()
    await lock_balances(db, network_id=one.network_id, accounts=slices)
    found = await find_journal(db, network_id=one.network_id, key=one.key)
    if found is not None:
        return found
    balances = await read_balances(db, network_id=one.network_id, accounts=slices)
    left = {account: balance.available for account, balance in balances.items()}
    total = sum(amount.minor for amount in left.values())
    if total < one.amount.minor:
        available = Money(total, one.amount.currency)
        raise BudgetExhausted(left=str(available.decimal), currency=available.currency)
    lacking = one.amount - left[one.terms.slice(one.number)]
    if lacking.minor > 0:
        lines = one.terms.fill(one.number, lacking, left)
        draft = one.draft("budget.fill", f"{one.key}:fill", lines)
        await post_journal(db, network_id=one.network_id, draft=draft, now=one.now)
    return None
