"""Giving back to budgets."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.budgets.errors import BudgetReturnTooHigh
from payouts.budgets.model import Terms, spend_key
from payouts.budgets.queries import read_terms
from payouts.events import budget_return
from payouts.ledger import (
    Account,
    Cause,
    Draft,
    LedgerFault,
    Posted,
    find_journal,
    post_journal,
    read_journals,
)
from payouts.money import Money

_REVERSED_TOO_MUCH = "MZ015"


async def return_budget(
    db: AsyncConnection,
    *,
    network_id: int,
    budget_id: UUID,
    amount: Money,
    spent_by: Cause,
    cause: Cause,
    actor: str,
    now: datetime,
) -> Posted:
    """Give back to a budget what one cause spent of it, in whole or part, once per new cause.

    It goes to the slice that it came from. Raises BudgetReturnTooHigh when the cause spent less
    than all that would be given back of it, BudgetNotFound.
    """
    terms = await read_terms(db, network_id=network_id, budget_id=budget_id)
    if amount.minor <= 0 or amount.currency != terms.cap.currency:
        raise ValueError("a positive amount in the unit of its budget is given back")
    spent = await find_journal(db, network_id=network_id, key=spend_key(budget_id, spent_by))
    if spent is None:
        raise BudgetReturnTooHigh()
    own = await _slice_of(db, network_id, spent, terms)
    draft = Draft(
        kind="budget.return",
        key=f"budget.return:{budget_id}:{cause.kind}:{cause.id}",
        cause=cause,
        lines=budget_return(budget_id=budget_id, number=int(own.sub), amount=amount),
        actor=actor,
        effective_at=now,
        reverses=spent,
    )
    try:
        return await post_journal(db, network_id=network_id, draft=draft, now=now)
    except LedgerFault as fault:
        if fault.sqlstate != _REVERSED_TOO_MUCH:
            raise
        raise BudgetReturnTooHigh() from fault


async def _slice_of(
    db: AsyncConnection, network_id: int, journal_id: UUID, terms: Terms
) -> Account:
    journals = await read_journals(db, network_id=network_id, journal_ids=[journal_id])
    lines = journals[journal_id].postings
    return next(line.account for line in lines if line.account != terms.spent)
