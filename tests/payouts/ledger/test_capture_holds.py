"""Many holds are captured by one statement, all of them or none."""

from dataclasses import replace
from uuid import UUID

import pytest

from api.database.transaction import Database
from payouts.ledger import (
    Capture,
    HoldHasLess,
    HoldNotFound,
    capture_holds,
    credit,
    debit,
    post_journal,
    read_holds,
)
from tests.conftest import NOW
from tests.factories.catalog import statements_of
from tests.payouts.ledger.conftest import BOOK
from tests.payouts.ledger.test_holds import hold, member_balance
from tests.payouts.ledger.test_post_journal import FEES, MEMBER, earned, sar


@pytest.fixture
async def held(book: Database) -> list[UUID]:
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=earned(minor=1_000), now=NOW)
    return [await hold(book, 100 * number, f"h{number}") for number in (1, 2, 3)]


async def test_captured_value_is_free_for_the_journal_beside_it(
    book: Database, held: list[UUID]
) -> None:
    captures = [Capture(one, sar(100), f"c{place}") for place, one in enumerate(held)]
    spend = replace(earned("k2"), lines=(debit(MEMBER, sar(300)), credit(FEES, sar(300))))
    with statements_of(book) as seen:
        async with book.writing(BOOK) as db:
            await capture_holds(db, network_id=BOOK, captures=captures, now=NOW)
    assert len(seen) == 1
    async with book.writing(BOOK) as db:
        await capture_holds(db, network_id=BOOK, captures=captures, now=NOW)  # once per key
        await post_journal(db, network_id=BOOK, draft=spend, now=NOW)

    assert await member_balance(book) == (sar(700), sar(300), sar(400))
    async with book.reading(BOOK) as db:
        found = await read_holds(db, network_id=BOOK, hold_ids=held)
    assert [(found[one].captured, found[one].remaining) for one in held] == [
        (sar(100), sar(0)),
        (sar(100), sar(100)),
        (sar(100), sar(200)),
    ]


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [(Capture(UUID(int=1), sar(1), "x"), HoldNotFound), (None, HoldHasLess)],
)
async def test_one_that_cannot_be_captured_refuses_all(
    book: Database, held: list[UUID], wrong: Capture | None, refusal: type[Exception]
) -> None:
    bad = wrong or Capture(held[2], sar(301), "x")
    captures = [Capture(held[0], sar(100), "c0"), bad]
    with pytest.raises(refusal):
        async with book.writing(BOOK) as db:
            await capture_holds(db, network_id=BOOK, captures=captures, now=NOW)

    assert await member_balance(book) == (sar(1_000), sar(600), sar(400))
    async with book.reading(BOOK) as db:
        found = await read_holds(db, network_id=BOOK, hold_ids=held)
    assert [found[one].captured for one in held] == [sar(0)] * 3


async def test_nothing_to_capture_asks_nothing(book: Database) -> None:
    with statements_of(book) as seen:
        async with book.writing(BOOK) as db:
            await capture_holds(db, network_id=BOOK, captures=[], now=NOW)
    assert list(seen) == []
