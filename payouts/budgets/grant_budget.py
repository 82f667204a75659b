"""Granting budgets."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.budgets.errors import BudgetCapNotRaised
from payouts.budgets.model import SLICES_MAX, Terms
from payouts.budgets.queries import read_terms
from payouts.budgets.tables import budget
from payouts.events import budget_grant
from payouts.ledger import (
    Cause,
    Draft,
    Posted,
    find_journal,
    open_accounts,
    post_journal,
)
from payouts.money import Money

SLICES = 8


async def grant_budget(
    db: AsyncConnection,
    *,
    network_id: int,
    budget_id: UUID,
    cap: Money,
    actor: str,
    now: datetime,
    slices: int = SLICES,
) -> Posted:
    """Let a campaign spend up to a cap, or raise the cap of a budget that it has.

    A cap that was granted before is answered as it was then. Raises BudgetCapNotRaised when the
    cap is not above the present one, or is in another unit. The number of slices is that of the
    first grant.
    """
    if cap.minor <= 0 or not 1 <= slices <= SLICES_MAX:
        raise ValueError("a cap is positive, and a budget has 1 to 64 slices")
    key = f"budget.grant:{budget_id}:{cap.currency}:{cap.minor}"
    row = insert(budget).values(
        network_id=network_id,
        budget_id=budget_id,
        unit=cap.currency,
        cap=cap.minor,
        slices=slices,
        created_at=now,
    )
    is_first = (await db.execute(row.on_conflict_do_nothing())).rowcount == 1
    terms = await read_terms(db, network_id=network_id, budget_id=budget_id, is_locked=True)
    found = await find_journal(db, network_id=network_id, key=key)
    if found is not None:
        return Posted(found, replayed=True)
    added = cap if is_first else _raised_by(terms, cap)
    await _set_cap(db, network_id, budget_id, cap)
    await open_accounts(db, network_id=network_id, accounts=terms.all_slices(), now=now)
    draft = Draft(
        kind="budget.grant",
        key=key,
        cause=Cause("budget", str(budget_id)),
        lines=budget_grant(budget_id=budget_id, amount=added),
        actor=actor,
        effective_at=now,
    )
    return await post_journal(db, network_id=network_id, draft=draft, now=now)


def _raised_by(terms: Terms, cap: Money) -> Money:
    if cap.currency != terms.cap.currency or cap.minor <= terms.cap.minor:
        raise BudgetCapNotRaised(cap=str(terms.cap.decimal), currency=terms.cap.currency)
    return cap - terms.cap


async def _set_cap(db: AsyncConnection, network_id: int, budget_id: UUID, cap: Money) -> None:
    own = (budget.c.network_id == network_id, budget.c.budget_id == budget_id)
    await db.execute(update(budget).where(*own).values(cap=cap.minor))
