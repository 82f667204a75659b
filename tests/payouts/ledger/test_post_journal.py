"""The posting function alone refuses what would break the books."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import (
    Account,
    AccountNotOpen,
    BalanceTooLow,
    Cause,
    Draft,
    LedgerFault,
    Line,
    PeriodClosed,
    credit,
    debit,
    own_account,
    post_journal,
    read_balances,
    read_journals,
)
from payouts.ledger.posting_arrays import POST, parameters_of
from payouts.money import Money
from tests.conftest import NOW
from tests.payouts.ledger.conftest import BOOK

MEMBER = Account("member_available", "m1", "SAR")
PARTNER = Account("partner_recv", "p1", "SAR")
FEES = own_account("platform_fee", "SAR")


def sar(minor: int) -> Money:
    return Money(minor, "SAR")


def earned(key: str = "k1", minor: int = 500) -> Draft:
    return Draft(
        kind="test",
        key=key,
        cause=Cause("purchase", "x"),
        lines=(debit(PARTNER, sar(minor)), credit(MEMBER, sar(minor))),
        actor="test",
        effective_at=NOW,
    )


async def posted(superuser: AsyncConnection) -> tuple[int, int, int]:
    row = await superuser.execute(
        text(
            "SELECT (SELECT count(*) FROM payouts.journal), (SELECT count(*) FROM payouts.posting),"
            " (SELECT coalesce(sum(debit::numeric + credit), 0) FROM payouts.balance)"
        )
    )
    journals, postings, moved = row.one()
    return journals, postings, int(moved)


async def refused(book: Database, draft: Draft, expected: type[Exception]) -> Exception:
    with pytest.raises(expected) as caught:
        async with book.writing(BOOK) as db:
            await post_journal(db, network_id=BOOK, draft=draft, now=NOW)
    return caught.value


async def test_balanced_journal_is_posted_and_balances_move(book: Database) -> None:
    async with book.writing(BOOK) as db:
        first = await post_journal(db, network_id=BOOK, draft=earned(), now=NOW)
    async with book.reading(BOOK) as db:
        balances = await read_balances(db, network_id=BOOK, accounts=[MEMBER, PARTNER, FEES])
        journal = (await read_journals(db, network_id=BOOK, journal_ids=[first.journal_id]))[
            first.journal_id
        ]
    assert not first.replayed
    assert balances[MEMBER].available == sar(500)
    assert balances[PARTNER].posted == sar(500)
    assert balances[FEES].posted == sar(0)
    assert [(p.account, p.amount) for p in journal.postings] == [
        (PARTNER, sar(500)),
        (MEMBER, sar(-500)),
    ]
    assert journal.period == "2026-03"


async def test_same_key_and_body_is_replayed(book: Database, superuser: AsyncConnection) -> None:
    async with book.writing(BOOK) as db:
        first = await post_journal(db, network_id=BOOK, draft=earned(), now=NOW)
    async with book.writing(BOOK) as db:
        again = await post_journal(db, network_id=BOOK, draft=earned(), now=NOW)
    assert again == replace(first, replayed=True)
    assert await posted(superuser) == (1, 2, 500)


async def test_same_key_at_once_posts_once(book: Database, superuser: AsyncConnection) -> None:
    async def post() -> bool:
        async with book.writing(BOOK) as db:
            return (await post_journal(db, network_id=BOOK, draft=earned(), now=NOW)).replayed

    replays = await asyncio.gather(*(post() for _ in range(30)))
    assert sorted(replays) == [False] + [True] * 29
    assert await posted(superuser) == (1, 2, 500)


async def test_same_key_with_another_body_is_refused(
    book: Database, superuser: AsyncConnection
) -> None:
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=earned(), now=NOW)
    fault = await refused(book, earned(minor=600), LedgerFault)
    assert "MZ008" in str(fault)
    assert await posted(superuser) == (1, 2, 500)


@pytest.mark.parametrize(
    ("lines", "sqlstate"),
    [
        ((debit(PARTNER, sar(500)), credit(MEMBER, sar(499))), "MZ003"),
        (
            (
                debit(PARTNER, sar(500)),
                credit(Account("member_available", "m1", "EUR"), Money(500, "EUR")),
            ),
            "MZ003",
        ),
        ((debit(PARTNER, sar(500)),), "MZ002"),
        ((), "MZ002"),
    ],
    ids=["unequal sums", "two units", "one line", "no line"],
)
async def test_unbalanced_or_short_journal_is_refused(
    book: Database, superuser: AsyncConnection, lines: tuple[Line, ...], sqlstate: str
) -> None:
    fault = await refused(book, replace(earned(), lines=lines), LedgerFault)
    assert sqlstate in str(fault)
    assert await posted(superuser) == (0, 0, 0)


async def test_balance_never_falls_below_its_floor(
    book: Database, superuser: AsyncConnection
) -> None:
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=earned(minor=300), now=NOW)
    spend = replace(earned("k2"), lines=(debit(MEMBER, sar(301)), credit(FEES, sar(301))))
    await refused(book, spend, BalanceTooLow)
    assert await posted(superuser) == (1, 2, 300)


@pytest.mark.parametrize("status", ["frozen", "closed"])
async def test_account_that_is_not_open_is_refused(
    book: Database, superuser: AsyncConnection, status: str
) -> None:
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=earned(), now=NOW)
    await superuser.execute(
        text("UPDATE payouts.account SET status = :status WHERE type = 'member_available'"),
        {"status": status},
    )
    await refused(book, earned("k2"), AccountNotOpen)
    assert await posted(superuser) == (1, 2, 500)


async def call_directly(db: AsyncConnection, accounts: list[UUID], /, **over: object) -> str:
    draft = replace(earned("direct"), lines=())
    values = parameters_of([draft], ids=[uuid4()], network_id=BOOK, now=NOW)
    values |= {"items": [1, 1], "accounts": accounts, "amounts": [5, -5], "units": ["SAR", "SAR"]}
    row = await db.execute(POST, values | over)
    return str(row.one().outcome)


@pytest.mark.parametrize(
    ("over", "sqlstate"),
    [
        ({}, "MZ004"),
        ({"amounts": [0, 0]}, "MZ002"),
        ({"amounts": [5]}, "MZ002"),
        ({"amounts": [5, None]}, "MZ002"),
        ({"accounts": [None, None]}, "MZ002"),
        ({"units": ["SAR", None]}, "MZ002"),
        ({"items": [], "accounts": [], "units": [], "amounts": []}, "MZ002"),
    ],
    ids=[
        "unknown account",
        "zero",
        "fewer amounts",
        "null amount",
        "null account",
        "null unit",
        "no line",
    ],
)
async def test_function_called_directly_refuses(
    book: Database, superuser: AsyncConnection, over: dict[str, object], sqlstate: str
) -> None:
    async with book.writing(BOOK) as db:
        assert await call_directly(db, [uuid4(), uuid4()], **over) == sqlstate
    assert await posted(superuser) == (0, 0, 0)


@pytest.mark.parametrize(
    ("over", "sqlstate"),
    [({"book": 8}, "MZ001"), ({"items": [1, 2]}, "MZ002"), ({"items": [1, None]}, "MZ002")],
    ids=["another network", "line of no journal", "line of null"],
)
async def test_function_called_directly_refuses_the_whole_call(
    book: Database, superuser: AsyncConnection, over: dict[str, object], sqlstate: str
) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with book.writing(BOOK) as db:
            await call_directly(db, [uuid4(), uuid4()], **over)
    assert caught.value.orig.sqlstate == sqlstate  # type: ignore[union-attr]
    assert await posted(superuser) == (0, 0, 0)


async def test_unit_of_another_account_is_refused(
    book: Database, superuser: AsyncConnection
) -> None:
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=earned(), now=NOW)
    accounts = [PARTNER.id_in(BOOK), MEMBER.id_in(BOOK)]
    async with book.writing(BOOK) as db:
        assert await call_directly(db, accounts, units=["EUR", "EUR"]) == "MZ013"
    assert await posted(superuser) == (1, 2, 500)


async def test_without_context_or_rights_nothing_is_written(
    book: Database, superuser: AsyncConnection
) -> None:
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=earned(), now=NOW)
    for statement in (
        "INSERT INTO payouts.journal (book_id) VALUES (7)",
        "UPDATE payouts.posting SET amount = 1",
        "DELETE FROM payouts.posting",
        "UPDATE payouts.balance SET credit = 0",
        "TRUNCATE payouts.journal",
        "SET ROLE mizan_ledger",
    ):
        with pytest.raises(DBAPIError) as caught:
            async with book.writing(BOOK) as db:
                await db.execute(text(statement))
        assert caught.value.orig.sqlstate == "42501", statement  # type: ignore[union-attr]
    async with book.reading(8) as db:
        assert (await db.execute(text("SELECT count(*) FROM payouts.journal"))).scalar() == 0
    assert await posted(superuser) == (1, 2, 500)


async def test_closed_month_takes_nothing_and_the_entry_says_where_it_came_from(
    book: Database, superuser: AsyncConnection
) -> None:
    async with book.writing(BOOK) as db:
        first = await post_journal(db, network_id=BOOK, draft=earned(), now=NOW)
    await superuser.execute(text("UPDATE payouts.period SET status = 'closed'"))
    april = datetime(2026, 4, 2, tzinfo=UTC)
    async with book.writing(BOOK) as db:
        replay = await post_journal(db, network_id=BOOK, draft=earned(), now=april)
        late = await post_journal(db, network_id=BOOK, draft=earned("k2"), now=april)
        journals = await read_journals(db, network_id=BOOK, journal_ids=[late.journal_id])
    assert replay == replace(first, replayed=True)
    landed = journals[late.journal_id]
    assert (landed.period, landed.origin_period) == ("2026-04", "2026-03")


async def test_nothing_is_posted_when_the_present_month_is_closed_too(
    book: Database, superuser: AsyncConnection
) -> None:
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=earned(), now=NOW)
    await superuser.execute(text("UPDATE payouts.period SET status = 'closed'"))
    await refused(book, earned("k2"), PeriodClosed)
    assert await posted(superuser) == (1, 2, 500)


async def test_month_is_that_of_the_networks_zone(book: Database) -> None:
    late_evening = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)  # already April in Riyadh
    draft = replace(earned(), effective_at=late_evening)
    async with book.writing(BOOK) as db:
        one = await post_journal(db, network_id=BOOK, draft=draft, now=late_evening)
        journals = await read_journals(db, network_id=BOOK, journal_ids=[one.journal_id])
    assert journals[one.journal_id].period == "2026-04"


async def test_thousand_spends_of_one_balance_succeed_as_often_as_it_affords(
    book: Database, superuser: AsyncConnection
) -> None:
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=earned(minor=1000), now=NOW)

    async def spend(number: int) -> bool:
        draft = replace(
            earned(f"spend:{number}"), lines=(debit(MEMBER, sar(10)), credit(FEES, sar(10)))
        )
        try:
            async with book.writing(BOOK) as db:
                await post_journal(db, network_id=BOOK, draft=draft, now=NOW)
        except BalanceTooLow:
            return False
        return True

    results = await asyncio.gather(*(spend(number) for number in range(300)))
    assert sum(results) == 100
    async with book.reading(BOOK) as db:
        balances = await read_balances(db, network_id=BOOK, accounts=[MEMBER, FEES])
    assert balances[MEMBER].available == sar(0)
    assert balances[FEES].posted == sar(1000)
