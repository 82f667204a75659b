"""An account with a limit falls below zero by what was agreed for it, and never further."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.events import supplier_draw, supplier_prefund
from payouts.ledger import (
    Account,
    BalanceTooLow,
    Cause,
    Draft,
    FloorLimit,
    FloorLimitTooLow,
    Posted,
    agree_floor_limit,
    list_floor_limits,
    place_hold,
    post_journal,
    post_journals,
    read_balances,
    resolve_hold,
)
from payouts.money import InvalidAmount, Money
from tests.conftest import NOW
from tests.fingerprint import fingerprint
from tests.payouts.ledger.conftest import BOOK

SUPPLIER = uuid4()
PREFUND = Account("supplier_prefund", str(SUPPLIER), "USD")
OWED = Account("supplier_payable", str(SUPPLIER), "USD")
LARGEST = 2**63 - 1


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def drawing(minor: int, key: str) -> Draft:
    lines = supplier_draw(supplier_id=SUPPLIER, amount=usd(minor))
    return Draft("supplier.draw", key, Cause("test", key), lines, "test", NOW)


async def draw(book: Database, minor: int, key: str = "d1") -> None:
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=drawing(minor, key), now=NOW)


async def agree(book: Database, minor: int, actor: str = "staff:a") -> FloorLimit:
    async with book.writing(BOOK) as db:
        return await agree_floor_limit(
            db, network_id=BOOK, account=PREFUND, limit=usd(minor), actor=actor, now=NOW
        )


async def hold(book: Database, minor: int, key: str = "h1") -> UUID:
    async with book.writing(BOOK) as db:
        placed = await place_hold(
            db,
            network_id=BOOK,
            account=PREFUND,
            amount=usd(minor),
            key=key,
            cause=Cause("test", key),
            expires_at=None,
            now=NOW,
        )
    return placed.hold_id


async def prefund(book: Database) -> tuple[int, int]:
    async with book.reading(BOOK) as db:
        found = (await read_balances(db, network_id=BOOK, accounts=[PREFUND]))[PREFUND]
    return found.posted.minor, found.held.minor


@pytest.fixture
async def funded(book: Database) -> Database:
    lines = supplier_prefund(supplier_id=SUPPLIER, amount=usd(1_000))
    paid = Draft("supplier.prefund", "p1", Cause("test", "p1"), lines, "test", NOW)
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=paid, now=NOW)
    return book


async def refused(
    book: Database, superuser: AsyncConnection, act: Any, error: type[Exception]
) -> None:
    before = await fingerprint(superuser)
    with pytest.raises(error):
        await act
    assert await fingerprint(superuser) == before


async def test_without_an_agreement_a_prefund_gives_what_it_has_and_no_more(
    funded: Database, superuser: AsyncConnection
) -> None:
    await draw(funded, 1_000)
    assert await prefund(funded) == (0, 0)
    await refused(funded, superuser, draw(funded, 1, "d2"), BalanceTooLow)


async def test_down_to_the_limit_and_not_a_unit_below(
    funded: Database, superuser: AsyncConnection
) -> None:
    await agree(funded, 500)
    await draw(funded, 1_200)
    await draw(funded, 300, "d2")
    assert await prefund(funded) == (-500, 0)
    await refused(funded, superuser, draw(funded, 1, "d3"), BalanceTooLow)


async def test_what_is_set_aside_counts_against_the_limit(
    funded: Database, superuser: AsyncConnection
) -> None:
    await agree(funded, 500)
    held = await hold(funded, 1_400)
    await refused(funded, superuser, hold(funded, 101, "h2"), BalanceTooLow)
    await refused(funded, superuser, draw(funded, 101), BalanceTooLow)
    await draw(funded, 100)
    assert await prefund(funded) == (900, 1_400)
    async with funded.writing(BOOK) as db:
        await resolve_hold(
            db, network_id=BOOK, hold_id=held, kind="voided", amount=usd(1_400), key="v1", now=NOW
        )
    await draw(funded, 1_400, "d2")
    assert await prefund(funded) == (-500, 0)


async def test_in_a_batch_each_is_judged_by_what_those_before_it_left(funded: Database) -> None:
    await agree(funded, 500)
    drafts = [drawing(minor, f"d{minor}") for minor in (1_000, 600, 400, 200, 100)]
    async with funded.writing(BOOK) as db:
        outcomes = await post_journals(db, network_id=BOOK, drafts=drafts, now=NOW)
    kinds = [type(one) for one in outcomes]
    assert kinds == [Posted, BalanceTooLow, Posted, BalanceTooLow, Posted]
    assert await prefund(funded) == (-500, 0)


async def test_a_limit_that_the_balance_breaks_already_is_refused(
    funded: Database, superuser: AsyncConnection
) -> None:
    await agree(funded, 500)
    await draw(funded, 1_300)
    await refused(funded, superuser, agree(funded, 299), FloorLimitTooLow)
    await hold(funded, 150)
    await refused(funded, superuser, agree(funded, 449), FloorLimitTooLow)
    assert (await agree(funded, 450)).amount == usd(450)
    await refused(funded, superuser, draw(funded, 1, "d2"), BalanceTooLow)


async def test_every_limit_stays_on_record_with_who_agreed_to_it(funded: Database) -> None:
    first = await agree(funded, 500, "staff:a")
    second = await agree(funded, 0, "staff:b")
    async with funded.reading(BOOK) as db:
        found = await list_floor_limits(
            db, network_id=BOOK, owner_kind="supplier", owner_id=str(SUPPLIER), limit=10
        )
    assert found == [second, first]
    assert [(one.number, one.amount, one.agreed_by, one.agreed_at) for one in found] == [
        (2, usd(0), "staff:b", NOW),
        (1, usd(500), "staff:a", NOW),
    ]


async def test_limits_that_are_none_are_refused(
    funded: Database, superuser: AsyncConnection
) -> None:
    await refused(funded, superuser, agree(funded, -1), InvalidAmount)
    async with funded.writing(BOOK) as db:
        with pytest.raises(ValueError, match="supplier_payable in USD has no limit in USD"):
            await agree_floor_limit(
                db, network_id=BOOK, account=OWED, limit=usd(1), actor="staff:a", now=NOW
            )
    assert (await agree(funded, LARGEST)).number == 1


async def test_the_database_agrees_no_limit_for_another_account_or_network(
    funded: Database, superuser: AsyncConnection
) -> None:
    asked = "SELECT payouts.agree_floor_limit({}, '{}', {}, 'x', now())"
    for book, account, amount, code in (
        (BOOK, OWED.id_in(BOOK), 1, "MZ004"),
        (BOOK, uuid4(), 1, "MZ004"),
        (BOOK, PREFUND.id_in(BOOK), -1, "MZ002"),
        (8, PREFUND.id_in(BOOK), 1, "MZ001"),
    ):
        before = await fingerprint(superuser)
        with pytest.raises(DBAPIError) as caught:
            async with funded.writing(BOOK) as db:
                await db.execute(text(asked.format(book, account, amount)))
        assert caught.value.orig.sqlstate == code  # type: ignore[union-attr]
        assert await fingerprint(superuser) == before


@pytest.mark.parametrize(
    "change",
    ["UPDATE payouts.account SET floor_limit = 9", "UPDATE payouts.floor_limit SET amount = 9"],
)
async def test_nobody_changes_a_limit_but_by_agreeing_to_it(funded: Database, change: str) -> None:
    await agree(funded, 5)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with funded.writing(BOOK) as db:
            await db.execute(text(change))


async def test_draws_at_once_never_pass_the_limit(funded: Database) -> None:
    await agree(funded, 500)
    drawn = await asyncio.gather(
        *(draw(funded, 100, f"d{one}") for one in range(24)), return_exceptions=True
    )
    assert [one for one in drawn if one is not None and not isinstance(one, BalanceTooLow)] == []
    assert drawn.count(None) == 15
    assert await prefund(funded) == (-500, 0)


async def test_a_draw_that_waits_while_the_limit_is_lowered_is_judged_by_the_new_one(
    funded: Database, superuser: AsyncConnection
) -> None:
    await agree(funded, 500)
    async with funded.writing(BOOK) as db:
        await agree_floor_limit(
            db, network_id=BOOK, account=PREFUND, limit=usd(100), actor="staff:a", now=NOW
        )
        waiting = [
            asyncio.create_task(draw(funded, 1_101, "d1")),
            asyncio.create_task(hold(funded, 1_101)),
        ]
        await _until_waiting(superuser, 2)
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in outcomes] == [BalanceTooLow, BalanceTooLow]
    assert await prefund(funded) == (1_000, 0)


async def test_a_limit_that_waits_for_a_draw_is_judged_by_what_it_left(
    funded: Database, superuser: AsyncConnection
) -> None:
    await agree(funded, 500)
    async with funded.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=drawing(1_400, "d1"), now=NOW)
        lowering = asyncio.create_task(agree(funded, 100))
        await _until_waiting(superuser, 1)
    with pytest.raises(FloorLimitTooLow):
        await lowering
    assert await prefund(funded) == (-400, 0)


async def test_a_draw_that_was_let_happen_is_answered_again_below_a_lower_limit(
    funded: Database,
) -> None:
    await agree(funded, 500)
    await draw(funded, 1_400)
    await agree(funded, 400)
    await draw(funded, 1_400)
    assert await prefund(funded) == (-400, 0)


async def _until_waiting(superuser: AsyncConnection, count: int) -> None:
    asked = text(
        "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE NOT l.granted AND a.datname = current_database()"
    )
    deadline = asyncio.get_running_loop().time() + timedelta(seconds=10).total_seconds()
    while (await superuser.execute(asked)).scalar_one() < count:
        assert asyncio.get_running_loop().time() < deadline, "nobody waits"
        await asyncio.sleep(0.01)
