"""Many amounts of budgets at once: each whole or not at all, once per cause, never above a cap."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.budgets import (
    BudgetExhausted,
    BudgetNotFound,
    Spending,
    grant_budget,
    read_budget_balances,
    spend_budgets,
)
from payouts.ledger import Cause, Posted, open_book
from payouts.money import Money, new_id
from payouts.refusal import Refusal
from tests.conftest import NOW
from tests.payouts.budgets.test_budgets import BOOK, journals, sar

ONE, OTHER = sorted((new_id(NOW), new_id(NOW)))


@pytest.fixture
async def book(database: Database) -> Database:
    async with database.writing(BOOK) as db:
        await open_book(db, network_id=BOOK, zone="Asia/Riyadh", now=NOW)
        for budget_id in (ONE, OTHER):
            await grant_budget(
                db, network_id=BOOK, budget_id=budget_id, cap=sar(1_000), actor="test", now=NOW
            )
    return database


def of(budget_id: UUID, name: str, minor: int, unit: str = "SAR") -> Spending:
    return Spending(budget_id, Money(minor, unit), Cause("purchase", name), "test")


async def spend(book: Database, *spendings: Spending) -> list[Posted | Refusal]:
    async with book.writing(BOOK) as db:
        return await spend_budgets(db, network_id=BOOK, spendings=spendings, now=NOW)


async def spent(book: Database) -> tuple[int, int]:
    async with book.reading(BOOK) as db:
        found = await read_budget_balances(db, network_id=BOOK, units={ONE: "SAR", OTHER: "SAR"})
    assert [one.left.minor + one.spent.minor for one in found.values()] == [1_000, 1_000]
    return found[ONE].spent.minor, found[OTHER].spent.minor


async def test_each_is_paid_whole_or_not_in_the_order_given(book: Database) -> None:
    outcomes = await spend(
        book,
        of(ONE, "a", 600),
        of(OTHER, "b", 1_001),
        of(ONE, "c", 500),
        of(ONE, "d", 400),
        of(OTHER, "e", 10),
        of(OTHER, "f", 10, "EUR"),
        of(ONE, "g", 1),
        of(ONE, "h", 0),
    )
    assert [type(one) for one in outcomes] == [
        Posted,
        BudgetExhausted,
        BudgetExhausted,
        Posted,
        Posted,
        BudgetExhausted,
        BudgetExhausted,
        BudgetExhausted,
    ]
    assert await spent(book) == (1_000, 10)


async def test_sums_beyond_64_bits_are_divided_like_any_other(book: Database) -> None:
    huge = [of(ONE, f"huge:{number}", 10**15) for number in range(9_300)]
    outcomes = await spend(book, *huge, of(ONE, "small", 1_000))
    assert {type(one) for one in outcomes[:-1]} == {BudgetExhausted}
    assert isinstance(outcomes[-1], Posted)
    assert await spent(book) == (1_000, 0)


async def test_a_cause_spends_once(book: Database, superuser: AsyncConnection) -> None:
    first, _ = await spend(book, of(ONE, "a", 600), of(ONE, "b", 300))
    count = await journals(superuser)
    again = await spend(book, of(ONE, "b", 300), of(ONE, "a", 600))
    assert isinstance(first, Posted)
    assert again[1] == Posted(first.journal_id, True)
    assert await journals(superuser) == count
    assert await spent(book) == (900, 0)


async def test_what_is_used_up_changes_nothing(book: Database, superuser: AsyncConnection) -> None:
    await spend(book, of(ONE, "a", 999))
    count = await journals(superuser)
    assert [type(one) for one in await spend(book, of(ONE, "b", 2), of(ONE, "c", 3))] == [
        BudgetExhausted
    ] * 2
    assert await journals(superuser) == count
    with pytest.raises(BudgetNotFound):
        await spend(book, of(new_id(NOW), "d", 1))
    assert (await spent(book), await journals(superuser)) == ((999, 0), count)


async def test_batches_at_once_over_two_budgets_meet_both_caps(book: Database) -> None:
    async def batch(number: int) -> int:
        budgets = (ONE, OTHER) if number % 2 else (OTHER, ONE)
        outcomes = await spend(book, *(of(budgets[n % 2], f"{number}:{n}", 7) for n in range(30)))
        return sum(isinstance(one, Posted) for one in outcomes)

    paid = await asyncio.gather(*(batch(number) for number in range(16)))
    assert sum(paid) == 2 * (1_000 // 7)
    assert await spent(book) == (994, 994)
    outcomes = await spend(book, of(ONE, "rest", 6), of(OTHER, "rest", 6))
    assert [type(one) for one in outcomes] == [Posted, Posted]
    assert await spent(book) == (1_000, 1_000)
