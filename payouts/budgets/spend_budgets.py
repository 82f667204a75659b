"""Spending of budgets, many at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.budgets.errors import BudgetExhausted
from payouts.budgets.model import Spending, Terms, spend_key
from payouts.budgets.queries import read_all_terms, read_budget_balances
from payouts.events import budget_spend
from payouts.ledger import (
    Account,
    Draft,
    Posted,
    find_journals_by_key,
    lock_balances,
    lock_coverage,
    post_journals,
    read_balances,
)
from payouts.money import Money
from payouts.refusal import Refusal

Taken = dict[int, Draft]
"""What is to be posted for spendings, by their place among all."""


async def spend_budgets(
    db: AsyncConnection, *, network_id: int, spendings: Sequence[Spending], now: datetime
) -> list[Posted | Refusal]:
    """Take amounts of budgets, each whole or not at all, once per cause, with all outcomes in order.

    One that its budget does not cover takes nothing and hinders none after it; it is answered by
    BudgetExhausted. Those of one budget spend from the slice of the first of them, so many are as
    quick as one. Budgets are locked in the order of their ids, before members' balances are.
    """
    keys = [spend_key(one.budget_id, one.cause) for one in spendings]
    earlier = await find_journals_by_key(db, network_id=network_id, keys=keys)
    outcomes: dict[int, Posted | Refusal] = {
        place: Posted(earlier[key], replayed=True)
        for place, key in enumerate(keys)
        if key in earlier
    }
    budgets = sorted({one.budget_id for one in spendings})
    terms = await read_all_terms(db, network_id=network_id, budget_ids=budgets)
    fills: list[Draft] = []
    taken: Taken = {}
    for budget_id in budgets:
        new = {
            place: one
            for place, one in enumerate(spendings)
            if one.budget_id == budget_id and place not in outcomes
        }
        if new:
            fill, drafts = await _take(db, network_id, terms[budget_id], new, now)
            fills += fill
            taken |= drafts
            # How much is left is told by a read: of many that are asked for at once, none is last.
            outcomes |= {place: BudgetExhausted() for place in new.keys() - drafts.keys()}
    posted = await post_journals(
        db, network_id=network_id, drafts=[*fills, *taken.values()], now=now
    )
    outcomes |= dict(zip(taken, posted[len(fills) :], strict=True))
    return [outcomes[place] for place in range(len(spendings))]


async def _take(
    db: AsyncConnection,
    network_id: int,
    terms: Terms,
    wanted: Mapping[int, Spending],
    now: datetime,
) -> tuple[list[Draft], Taken]:
    """Lock what covers as many as can be covered; tells what fills their slice, and their drafts."""
    fitting = {place: one for place, one in wanted.items() if terms.counts(one.amount)}
    if not fitting:
        return [], {}
    number = terms.slice_for(next(iter(fitting.values())).cause)
    own, total = terms.slice(number), _sum(fitting)
    if total <= terms.cap and await lock_coverage(
        db, network_id=network_id, account=own, amount=total
    ):
        return [], _drafts(terms, number, fitting, now)
    covered, left = await _cover(db, network_id, terms, fitting)
    if not covered:
        return [], {}
    fill: list[Draft] = []
    lacking = _sum(covered) - left[own]
    if lacking.minor > 0:
        lines = terms.fill(number, lacking, left)
        first = next(iter(covered.values()))  # each spends once, so its key fills once
        key = f"{spend_key(terms.budget_id, first.cause)}:fill"
        fill.append(Draft("budget.fill", key, first.cause, lines, first.actor, now))
    return fill, _drafts(terms, number, covered, now)


async def _cover(
    db: AsyncConnection, network_id: int, terms: Terms, wanted: Mapping[int, Spending]
) -> tuple[dict[int, Spending], Mapping[Account, Money]]:
    """Lock all slices and go through the wanted in order: each is covered while enough is left."""
    slices = terms.all_slices()
    # A budget that is used up stays so for long: whoever sees that need not lock anybody out.
    units: Mapping[UUID, str] = {terms.budget_id: terms.cap.currency}
    seen = await read_budget_balances(db, network_id=network_id, units=units)
    if seen[terms.budget_id].left < min(one.amount for one in wanted.values()):
        return {}, {}
    await lock_balances(db, network_id=network_id, accounts=slices)
    balances = await read_balances(db, network_id=network_id, accounts=slices)
    left = {account: balance.available for account, balance in balances.items()}
    rest = sum(left.values(), start=Money.zero(terms.cap.currency))
    covered: dict[int, Spending] = {}
    for place, one in wanted.items():
        if one.amount <= rest:
            covered[place] = one
            rest -= one.amount
    return covered, left


def _sum(wanted: Mapping[int, Spending]) -> Money:
    amounts = [one.amount for one in wanted.values()]
    return sum(amounts, start=Money.zero(amounts[0].currency))


def _drafts(terms: Terms, number: int, covered: Mapping[int, Spending], now: datetime) -> Taken:
    return {
        place: Draft(
            "budget.spend",
            spend_key(terms.budget_id, one.cause),
            one.cause,
            budget_spend(budget_id=terms.budget_id, number=number, amount=one.amount),
            one.actor,
            now,
        )
        for place, one in covered.items()
    }
