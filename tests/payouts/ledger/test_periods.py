"""Months of a book: what was posted before a close stands, and nothing is slipped in after it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import (
    Journal,
    Posted,
    move_period,
    open_book,
    post_journal,
    read_balances_as_of,
    read_journals,
    read_periods,
)
from tests.conftest import NOW
from tests.payouts.ledger.conftest import BOOK
from tests.payouts.ledger.test_post_journal import PARTNER, earned, sar

MARCH = date(2026, 3, 1)
APRIL = date(2026, 4, 1)
NEXT = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)


async def post(
    book: Database, key: str, at: datetime, now: datetime, book_id: int = BOOK
) -> Posted:
    async with book.writing(book_id) as db:
        draft = replace(earned(key), effective_at=at)
        return await post_journal(db, network_id=book_id, draft=draft, now=now)


async def read(book: Database, posted: Posted, book_id: int = BOOK) -> Journal:
    async with book.reading(book_id) as db:
        found = await read_journals(db, network_id=book_id, journal_ids=[posted.journal_id])
    return found[posted.journal_id]


async def move(book: Database, status: str, actor: str) -> None:
    async with book.writing(BOOK) as db:
        await move_period(
            db,
            network_id=BOOK,
            month=MARCH,
            status=status,  # type: ignore[arg-type]
            actor=actor,
            now=NEXT,
        )


async def shut(book: Database, status: str) -> None:
    await move(book, "soft", "maker")
    if status == "closed":
        await move(book, "closed", "checker")


async def in_month(superuser: AsyncConnection, month: date) -> int:
    counted = await superuser.execute(
        text("SELECT count(*) FROM payouts.journal WHERE period = :month"), {"month": month}
    )
    return int(counted.scalar_one())


@pytest.mark.parametrize("status", ["soft", "closed"])
async def test_a_replay_after_a_close_returns_the_original(
    book: Database, superuser: AsyncConnection, status: str
) -> None:
    first = await post(book, "k1", NOW, NOW)
    await shut(book, status)
    assert await post(book, "k1", NOW, NEXT) == Posted(first.journal_id, True)
    assert (await read(book, first)).period == "2026-03"
    assert (await in_month(superuser, MARCH), await in_month(superuser, APRIL)) == (1, 0)


@pytest.mark.parametrize("status", ["soft", "closed"])
async def test_what_is_late_lands_in_the_present_month_and_names_its_own(
    book: Database, superuser: AsyncConnection, status: str
) -> None:
    await post(book, "k1", NOW, NOW)
    await shut(book, status)
    late = await read(book, await post(book, "late", NOW, NEXT))
    assert (late.period, late.origin_period) == ("2026-04", "2026-03")
    assert (late.effective_at, late.recorded_at) == (NOW, NEXT)
    due = await read(book, await post(book, "in time", NEXT, NEXT))
    assert (due.period, due.origin_period) == ("2026-04", None)
    assert (await in_month(superuser, MARCH), await in_month(superuser, APRIL)) == (1, 2)


@pytest.mark.parametrize("status", ["soft", "closed"])
async def test_a_month_before_a_closed_one_takes_nothing_either(
    book: Database, status: str
) -> None:
    await post(book, "k1", NOW, NOW)
    await shut(book, status)
    february = datetime(2026, 2, 10, tzinfo=UTC)
    late = await read(book, await post(book, "older", february, NEXT))
    expected = ("2026-04", "2026-02") if status == "closed" else ("2026-02", None)
    assert (late.period, late.origin_period) == expected


async def test_a_close_leaves_what_the_books_said_of_the_month(book: Database) -> None:
    await post(book, "k1", NOW, NOW)
    await shut(book, "closed")
    await post(book, "late", NOW, NEXT)
    april = datetime(2026, 4, 1, tzinfo=UTC)
    async with book.reading(BOOK) as db:
        found = [
            await read_balances_as_of(db, network_id=BOOK, accounts=[PARTNER], **at)
            for at in (
                {"effective_before": april, "recorded_before": april},
                {"effective_before": april},
            )
        ]
        months = await read_periods(db, network_id=BOOK, months=[MARCH])
    assert [one[PARTNER] for one in found] == [sar(500), sar(1_000)]
    assert (months[MARCH].status, months[MARCH].proposed_by, months[MARCH].closed_by) == (
        "closed",
        "maker",
        "checker",
    )


@pytest.mark.parametrize(
    ("zone", "last", "first", "months"),
    [
        ("Asia/Riyadh", "2026-03-31T20:59:59.999999", "2026-03-31T21:00", "2026-03 2026-04"),
        ("Europe/Berlin", "2026-02-28T22:59:59.999999", "2026-02-28T23:00", "2026-02 2026-03"),
        ("Europe/Berlin", "2026-03-31T21:59:59.999999", "2026-03-31T22:00", "2026-03 2026-04"),
        ("Europe/Berlin", "2026-10-31T22:59:59.999999", "2026-10-31T23:00", "2026-10 2026-11"),
        ("America/New_York", "2026-03-01T04:59:59.999999", "2026-03-01T05:00", "2026-02 2026-03"),
        ("America/New_York", "2026-04-01T03:59:59.999999", "2026-04-01T04:00", "2026-03 2026-04"),
        # The clocks went from 31 March 24:00 to 1 April 01:00.
        ("Asia/Amman", "2016-03-31T21:59:59.999999", "2016-03-31T22:00", "2016-03 2016-04"),
        ("Pacific/Kiritimati", "2026-03-31T09:59:59.999999", "2026-03-31T10:00", "2026-03 2026-04"),
    ],
)
async def test_a_month_ends_at_midnight_of_the_networks_zone(
    database: Database, zone: str, last: str, first: str, months: str
) -> None:
    async with database.writing(9) as db:
        await open_book(db, network_id=9, zone=zone, now=NOW)
    seen = []
    for key, text_ in (("last", last), ("first", first)):
        at = datetime.fromisoformat(text_).replace(tzinfo=UTC)
        seen.append((await read(database, await post(database, key, at, at, 9), 9)).period)
    assert " ".join(seen) == months
