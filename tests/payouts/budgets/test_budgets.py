"""A budget is spent to its cap and never beyond it, by however many at once."""

import asyncio
import random
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.budgets import (
    Budget,
    BudgetCapNotRaised,
    BudgetExhausted,
    BudgetNotFound,
    BudgetReturnTooHigh,
    grant_budget,
    read_budget,
    return_budget,
    spend_budget,
)
from payouts.ledger import Account, Cause, Posted, open_book, read_balances
from payouts.money import Money, new_id
from tests.conftest import NOW

BOOK = 7
SLICES = 4
BUDGET = new_id(NOW)


def sar(minor: int) -> Money:
    return Money(minor, "SAR")


@pytest.fixture
async def book(database: Database) -> Database:
    async with database.writing(BOOK) as db:
        await open_book(db, network_id=BOOK, zone="Asia/Riyadh", now=NOW)
    return database


async def grant(book: Database, cap: int, unit: str = "SAR") -> Posted:
    async with book.writing(BOOK) as db:
        return await grant_budget(
            db,
            network_id=BOOK,
            budget_id=BUDGET,
            cap=Money(cap, unit),
            slices=SLICES,
            actor="test",
            now=NOW,
        )


async def spend(
    book: Database, minor: int, name: str, slice_number: int | None = None, of: UUID = BUDGET
) -> Posted:
    async with book.writing(BOOK) as db:
        return await spend_budget(
            db,
            network_id=BOOK,
            budget_id=of,
            amount=sar(minor),
            cause=Cause("accrual", name),
            slice_number=slice_number,
            actor="test",
            now=NOW,
        )


async def give_back(book: Database, minor: int, name: str, spent_by: str) -> Posted:
    async with book.writing(BOOK) as db:
        return await return_budget(
            db,
            network_id=BOOK,
            budget_id=BUDGET,
            amount=sar(minor),
            spent_by=Cause("accrual", spent_by),
            cause=Cause("return", name),
            actor="test",
            now=NOW,
        )


async def read(book: Database) -> tuple[int, int, int]:
    async with book.reading(BOOK) as db:
        found = await read_budget(db, network_id=BOOK, budget_id=BUDGET)
    assert (found.budget_id, found.slices) == (BUDGET, SLICES)
    return found.cap.minor, found.spent.minor, found.left.minor


async def in_slices(book: Database) -> list[int]:
    accounts = [Account("budget", str(BUDGET), "SAR", str(n)) for n in range(SLICES + 1)]
    async with book.reading(BOOK) as db:
        found = await read_balances(db, network_id=BOOK, accounts=accounts)
    return [found[one].posted.minor for one in accounts]


async def journals(superuser: AsyncConnection) -> int:
    counted = await superuser.execute(text("SELECT count(*) FROM payouts.journal"))
    return int(counted.scalar_one())


async def test_a_budget_is_granted_spent_and_given_back(book: Database) -> None:
    await grant(book, 10_000)
    assert await read(book) == (10_000, 0, 10_000)
    assert await in_slices(book) == [10_000, 0, 0, 0, 0]
    await spend(book, 300, "a", slice_number=2)
    # 10 000 / (4 slices x 16) is less than is lacking, so just that came from the reserve.
    assert await in_slices(book) == [9_700, 0, 0, 0, 0]
    await spend(book, 100, "b", slice_number=2)
    assert await in_slices(book) == [9_544, 0, 56, 0, 0]
    await give_back(book, 250, "r", "a")
    assert await in_slices(book) == [9_544, 0, 306, 0, 0]
    assert await read(book) == (10_000, 150, 9_850)


async def test_every_verb_is_done_once(book: Database, superuser: AsyncConnection) -> None:
    first = await grant(book, 1_000)
    raised = await grant(book, 1_500)
    spent = await spend(book, 700, "a")
    back = await give_back(book, 200, "r", "a")
    count = await journals(superuser)
    assert await grant(book, 1_000) == Posted(first.journal_id, True)
    assert await grant(book, 1_500) == Posted(raised.journal_id, True)
    assert await spend(book, 700, "a") == Posted(spent.journal_id, True)
    assert await give_back(book, 200, "r", "a") == Posted(back.journal_id, True)
    assert await read(book) == (1_500, 500, 1_000)
    assert sum(await in_slices(book)) == 1_000
    assert await journals(superuser) == count


async def test_what_one_slice_lacks_comes_from_the_others(book: Database) -> None:
    await grant(book, 1_000)
    for number in (1, 2, 3):
        await spend(book, 250, f"open:{number}", slice_number=number)
        await give_back(book, 250, f"back:{number}", f"open:{number}")
    await spend(book, 250, "last", slice_number=4)
    assert await in_slices(book) == [0, 250, 250, 250, 0]
    await spend(book, 700, "big", slice_number=4)
    assert sum(await in_slices(book)) == 50
    await spend(book, 50, "rest", slice_number=1)
    assert await in_slices(book) == [0, 0, 0, 0, 0]
    assert await read(book) == (1_000, 1_000, 0)


async def test_more_than_is_left_is_refused_and_nothing_changes(
    book: Database, superuser: AsyncConnection
) -> None:
    await grant(book, 1_000)
    await spend(book, 600, "a")
    before, count = await in_slices(book), await journals(superuser)
    with pytest.raises(BudgetExhausted) as caught:
        await spend(book, 401, "b")
    assert caught.value.facts == {"left": "4.00", "currency": "SAR"}
    assert (await in_slices(book), await journals(superuser)) == (before, count)
    await grant(book, 1_001)
    await spend(book, 401, "b")
    assert await read(book) == (1_001, 1_001, 0)


async def test_a_cap_is_only_raised_and_keeps_its_unit(
    book: Database, superuser: AsyncConnection
) -> None:
    await grant(book, 1_000)
    for cap, unit in ((999, "SAR"), (2_000, "EUR")):
        with pytest.raises(BudgetCapNotRaised) as caught:
            await grant(book, cap, unit)
        assert caught.value.facts == {"cap": "10.00", "currency": "SAR"}
    assert await read(book) == (1_000, 0, 1_000)
    assert await journals(superuser) == 1


async def test_no_more_is_given_back_than_was_spent(
    book: Database, superuser: AsyncConnection
) -> None:
    await grant(book, 1_000)
    await spend(book, 300, "a")
    await give_back(book, 200, "r1", "a")
    count = await journals(superuser)
    for minor, spent_by in ((101, "a"), (1, "never")):
        with pytest.raises(BudgetReturnTooHigh):
            await give_back(book, minor, "r2", spent_by)
    assert await journals(superuser) == count
    await give_back(book, 100, "r2", "a")
    assert await read(book) == (1_000, 0, 1_000)


async def test_an_unknown_budget_is_refused(book: Database, superuser: AsyncConnection) -> None:
    with pytest.raises(BudgetNotFound):
        await spend(book, 1, "a", of=new_id(NOW))
    with pytest.raises(BudgetNotFound):
        await read(book)
    assert await journals(superuser) == 0


@pytest.mark.parametrize("cap", [1_000, 99_991])
async def test_sixteen_who_spend_at_once_reach_the_cap_to_the_unit(
    book: Database, cap: int, tell_proof: Callable[[str], None]
) -> None:
    """Odd amounts first; whoever is refused asks for one unit less, so the cap must be met."""
    await grant(book, cap)
    refusals = 0

    async def spender(number: int) -> None:
        nonlocal refusals
        random_ = random.Random(number)
        most = cap // 40
        for attempt in range(400):
            minor = random_.randint(max(1, most // 2), most)
            try:
                await spend(book, minor, f"{number}:{attempt}")
            except BudgetExhausted as refusal:
                refusals += 1
                left = Money.of_decimal(str(refusal.facts["left"]), "SAR").minor
                assert left < minor
                most = left
            if not most:
                return

    await asyncio.gather(*(spender(number) for number in range(16)))
    assert await read(book) == (cap, cap, 0)
    assert await in_slices(book) == [0] * (SLICES + 1)
    assert refusals >= 16
    tell_proof(f"16 spenders over {SLICES} slices met a cap of {cap} exactly, {refusals} refused")


async def test_the_same_spend_at_once_is_made_once(book: Database) -> None:
    await grant(book, 1_000)
    posted = await asyncio.gather(*(spend(book, 900, "a") for _ in range(16)))
    assert len({one.journal_id for one in posted}) == 1
    assert sorted(one.replayed for one in posted) == [False] + [True] * 15
    assert await read(book) == (1_000, 900, 100)


async def test_returns_at_once_never_exceed_what_was_spent(book: Database) -> None:
    await grant(book, 1_000)
    await spend(book, 500, "a")

    async def attempt(number: int) -> bool:
        try:
            await give_back(book, 90, f"r{number}", "a")
        except BudgetReturnTooHigh:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(16)))) == 5
    assert await read(book) == (1_000, 50, 950)


def test_a_budget_is_its_three_numbers() -> None:
    one = Budget(BUDGET, sar(10), sar(4), SLICES)
    assert one.left == sar(6)
