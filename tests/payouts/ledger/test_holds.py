"""Holds: value set aside is used once, and never more than there is."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from api.database.transaction import Database
from payouts.ledger import (
    BalanceTooLow,
    Cause,
    HoldHasLess,
    HoldNotFound,
    LedgerFault,
    credit,
    debit,
    place_hold,
    post_journal,
    read_balances,
    read_holds,
    resolve_hold,
)
from payouts.money import Money
from tests.conftest import NOW
from tests.payouts.ledger.conftest import BOOK
from tests.payouts.ledger.test_post_journal import FEES, MEMBER, earned, sar


async def hold(book: Database, minor: int, key: str = "h1") -> UUID:
    async with book.writing(BOOK) as db:
        placed = await place_hold(
            db,
            network_id=BOOK,
            account=MEMBER,
            amount=sar(minor),
            key=key,
            cause=Cause("test", key),
            expires_at=NOW + timedelta(days=7),
            now=NOW,
        )
    return placed.hold_id


async def resolve(book: Database, hold_id: UUID, kind: str, minor: int, key: str) -> bool:
    async with book.writing(BOOK) as db:
        return await resolve_hold(
            db,
            network_id=BOOK,
            hold_id=hold_id,
            kind=kind,  # type: ignore[arg-type]
            amount=sar(minor),
            key=key,
            now=NOW,
        )


async def member_balance(book: Database) -> tuple[Money, Money, Money]:
    async with book.reading(BOOK) as db:
        found = (await read_balances(db, network_id=BOOK, accounts=[MEMBER]))[MEMBER]
    return found.posted, found.held, found.available


@pytest.fixture
async def funded(book: Database) -> Database:
    async with book.writing(BOOK) as db:
        await post_journal(db, network_id=BOOK, draft=earned(minor=1000), now=NOW)
    return book


async def test_hold_lowers_what_is_available_and_nothing_else(funded: Database) -> None:
    hold_id = await hold(funded, 600)
    assert await member_balance(funded) == (sar(1000), sar(600), sar(400))
    assert await hold(funded, 600) == hold_id
    assert await member_balance(funded) == (sar(1000), sar(600), sar(400))


async def test_hold_above_what_is_available_is_refused(funded: Database) -> None:
    await hold(funded, 600)
    with pytest.raises(BalanceTooLow):
        await hold(funded, 401, key="h2")
    assert await member_balance(funded) == (sar(1000), sar(600), sar(400))


async def test_posting_cannot_use_what_is_held(funded: Database) -> None:
    await hold(funded, 600)
    spend = replace(earned("k2"), lines=(debit(MEMBER, sar(401)), credit(FEES, sar(401))))
    with pytest.raises(BalanceTooLow):
        async with funded.writing(BOOK) as db:
            await post_journal(db, network_id=BOOK, draft=spend, now=NOW)
    assert await member_balance(funded) == (sar(1000), sar(600), sar(400))


async def test_same_key_for_another_hold_is_a_fault(funded: Database) -> None:
    await hold(funded, 600)
    with pytest.raises(LedgerFault, match="MZ008"):
        await hold(funded, 100)
    assert await member_balance(funded) == (sar(1000), sar(600), sar(400))


async def test_hold_is_captured_in_parts_and_the_rest_released(funded: Database) -> None:
    hold_id = await hold(funded, 600)
    async with funded.writing(BOOK) as db:
        await resolve_hold(
            db,
            network_id=BOOK,
            hold_id=hold_id,
            kind="captured",
            amount=sar(450),
            key="c1",
            now=NOW,
        )
        spend = replace(earned("k2"), lines=(debit(MEMBER, sar(450)), credit(FEES, sar(450))))
        await post_journal(db, network_id=BOOK, draft=spend, now=NOW)
    assert await member_balance(funded) == (sar(550), sar(150), sar(400))
    assert not await resolve(funded, hold_id, "voided", 150, "v1")
    assert await resolve(funded, hold_id, "voided", 150, "v1")
    assert await member_balance(funded) == (sar(550), sar(0), sar(550))
    async with funded.reading(BOOK) as db:
        found = (await read_holds(db, network_id=BOOK, hold_ids=[hold_id]))[hold_id]
    assert (found.captured, found.released, found.remaining) == (sar(450), sar(150), sar(0))


async def test_more_than_is_left_is_refused(funded: Database) -> None:
    hold_id = await hold(funded, 600)
    with pytest.raises(HoldHasLess):
        await resolve(funded, hold_id, "captured", 601, "c1")
    with pytest.raises(HoldNotFound):
        await resolve(funded, uuid4(), "captured", 1, "c1")
    assert await member_balance(funded) == (sar(1000), sar(600), sar(400))


async def test_capture_void_and_expiry_at_once_resolve_a_hold_once(funded: Database) -> None:
    hold_id = await hold(funded, 600)

    async def attempt(number: int) -> bool:
        kind = ("captured", "voided", "expired")[number % 3]
        try:
            await resolve(funded, hold_id, kind, 600, f"r{number}")
        except HoldHasLess:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(30)))) == 1
    posted, held, _ = await member_balance(funded)
    assert (posted, held) == (sar(1000), sar(0))


async def test_holds_at_once_never_exceed_the_balance(funded: Database) -> None:
    async def attempt(number: int) -> bool:
        try:
            await hold(funded, 100, key=f"h{number}")
        except BalanceTooLow:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(number) for number in range(60)))) == 10
    assert await member_balance(funded) == (sar(1000), sar(1000), sar(0))


async def test_same_hold_at_once_is_placed_once(funded: Database) -> None:
    ids = await asyncio.gather(*(hold(funded, 700) for _ in range(20)))
    assert len(set(ids)) == 1
    assert await member_balance(funded) == (sar(1000), sar(700), sar(300))
