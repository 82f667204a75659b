"""Every business event moves exactly what it says, and its reversal moves it back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.events import EVENTS, WITHOUT_JOURNAL, Lines, business_event, reversed_lines
from payouts.ledger import (
    CHART,
    Account,
    Cause,
    Draft,
    Line,
    open_book,
    own_account,
    post_journal,
    read_balances,
    read_points,
)
from payouts.money import amount_in
from tests.conftest import NOW
from tests.payouts.events.budget_cases import BUDGETING
from tests.payouts.events.cases import Case, Moves, account, label
from tests.payouts.events.earning_cases import EARNING
from tests.payouts.events.money_cases import CLOSING, SETTLING, TREASURY
from tests.payouts.events.points_cases import POINTING
from tests.payouts.events.redeeming_cases import REDEEMING

CASES = (*EARNING, *POINTING, *REDEEMING, *SETTLING, *TREASURY, *CLOSING, *BUDGETING)
BOOKS = 1000
NUMBERS = range(1, 33)
ASIDE, OPENING = "tax_payable", "opening"


def draft(kind: str, lines: Lines) -> Draft:
    return Draft(kind, f"{kind}:1", Cause("test", "1"), lines, "test", NOW)


def opening(given: Moves) -> Lines:
    """What stood before, against an account that no event touches."""
    lines = [
        Line(account(name), amount_in(account(name).unit, minor)) for name, minor in given.items()
    ]
    rest = [Line(aside(one.account), -one.amount) for one in lines]
    return (*lines, *rest)


def aside(one: Account) -> Account:
    """Where the other side of an opening stands: taxes, or in points what somebody else has."""
    if one.is_in_points:
        return replace(own_account("fx_position", one.unit), sub=OPENING)
    return Account(ASIDE, OPENING, one.unit)


def added(*moves: Moves) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in moves:
        for name, minor in one.items():
            total[name] = total.get(name, 0) + minor
    return {name: minor for name, minor in total.items() if minor}


def undoing(case: Case) -> tuple[str, Lines]:
    event = EVENTS[case.event]
    if event.is_inverted:
        return event.reversal, reversed_lines(event.build(**case.values))
    assert case.undo is not None, f"{case.event} is taken back by {event.reversal}"
    return f"{event.reversal}:undo", EVENTS[event.reversal].build(**case.undo)


async def balances(
    db: AsyncConnection, superuser: AsyncConnection, book: int
) -> tuple[dict[str, int], dict[str, int]]:
    """All that events touched: as the ledger reads it, and as the postings add up."""
    rows = await superuser.execute(
        text(
            "SELECT a.type, a.owner_id, a.unit, a.sub, coalesce(sum(p.amount), 0)::bigint AS minor"
            " FROM payouts.account a LEFT JOIN payouts.posting p USING (book_id, account_id)"
            " WHERE a.book_id = :book AND :opening NOT IN (a.owner_id, a.sub) GROUP BY 1, 2, 3, 4"
        ),
        {"book": book, "opening": OPENING},
    )
    summed = {Account(row.type, row.owner_id, row.unit, row.sub): row.minor for row in rows}
    money = [one for one in summed if not one.is_in_points]
    points = [one for one in summed if one.is_in_points]
    read = {
        **await read_balances(db, network_id=book, accounts=money),
        **await read_points(db, network_id=book, accounts=points),
    }
    return (
        {label(one): found.posted.minor * CHART[one.type].normal for one, found in read.items()},
        {label(one): minor for one, minor in summed.items()},
    )


async def post(database: Database, book: int, kind: str, lines: Lines) -> UUID:
    async with database.writing(book) as db:
        posted = await post_journal(db, network_id=book, draft=draft(kind, lines), now=NOW)
    return posted.journal_id


async def stands(database: Database, superuser: AsyncConnection, book: int) -> Mapping[str, int]:
    async with database.reading(book) as db:
        read, summed = await balances(db, superuser, book)
    assert read == summed
    return added(read)


async def test_every_event_moves_what_it_says_and_its_reversal_moves_it_back(
    database: Database, superuser: AsyncConnection
) -> None:
    found: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    for book, case in enumerate(CASES, start=BOOKS):
        name = f"{case.event} {case.title}"
        async with database.writing(book) as db:
            await open_book(db, network_id=book, zone="Asia/Riyadh", now=NOW)
        if case.given:
            await post(database, book, "opening", opening(case.given))
        await post(database, book, case.event, EVENTS[case.event].build(**case.values))
        after = await stands(database, superuser, book)
        await post(database, book, *undoing(case))
        found[name] = (after, await stands(database, superuser, book))
        expected[name] = (added(case.given, case.moves), added(case.given, case.undone))
    assert found == expected


def test_an_event_writes_the_lines_that_its_example_states_and_no_others() -> None:
    for case in CASES:
        lines = EVENTS[case.event].build(**case.values)
        written = [label(one.account) for one in lines if one.amount]
        assert len(written) == len(set(written)), case.event
        assert {label(one.account): one.amount.minor for one in lines if one.amount} == dict(
            case.moves
        ), case.event


def test_every_event_has_an_example_and_every_number_of_the_list_an_event() -> None:
    assert {case.event for case in CASES} == set(EVENTS)
    numbered = {number for one in EVENTS.values() for number in one.numbers}
    assert numbered.isdisjoint(WITHOUT_JOURNAL)
    assert numbered | set(WITHOUT_JOURNAL) == set(NUMBERS)


def test_every_event_names_its_reversal() -> None:
    for one in EVENTS.values():
        if not one.is_inverted:
            assert one.reversal in EVENTS, one.name
        assert one.reversal != one.name
        assert one.build.__doc__
        assert one.build.__name__ == one.name.replace(".", "_")


def test_two_events_of_one_name_are_refused() -> None:
    before = dict(EVENTS)
    with pytest.raises(ValueError, match=r"accrual\.pending is registered twice"):
        business_event("accrual.pending", 1, source="a test")(lambda: ())
    assert before == EVENTS
