"""A watched cycle is read by one task, which outlives a cut connection and ends when nobody looks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from api import progress_desk
from api.database.transaction import Database
from api.progress_desk import ProgressDesk, TooManyWatches
from payouts.ledger import open_book
from payouts.settlement import (
    CycleState,
    abandon_settlement_cycle,
    close_settlement_cycle,
    reissue_settlement_cycle,
)
from tests.conftest import NOW
from tests.payouts.settlement.world import BOOK, MAKER, P, Q, owes

POLL_SECONDS = 0.05


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[ProgressDesk]:
    async with database.writing(BOOK) as db:
        await open_book(db, network_id=BOOK, zone="Asia/Riyadh", now=NOW)
    made = ProgressDesk(database, poll_seconds=POLL_SECONDS)
    yield made
    await made.close()
    assert made.watched_count == 0


async def closed(database: Database) -> UUID:
    await owes(database, "p", P, 700)
    async with database.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=NOW
        )
    return cycle.cycle_id


async def reissue(database: Database, cycle_id: UUID, key: str) -> None:
    """Give the cycle a later version, which holds one more partner's debt."""
    await owes(database, key, Q, 1)
    async with database.writing(BOOK) as db:
        await reissue_settlement_cycle(db, network_id=BOOK, cycle_id=cycle_id, now=NOW)


async def abandon(database: Database, cycle_id: UUID) -> None:
    async with database.writing(BOOK) as db:
        await abandon_settlement_cycle(db, network_id=BOOK, cycle_id=cycle_id, now=NOW)


async def soon(desk: ProgressDesk, count: int) -> None:
    async with asyncio.timeout(2):
        while desk.watched_count != count:
            await asyncio.sleep(0.01)


async def test_each_change_is_told_once_and_the_end_ends_it(
    desk: ProgressDesk, database: Database
) -> None:
    cycle_id = await closed(database)
    told: list[tuple[CycleState, int, int]] = []
    async with asyncio.timeout(10), aclosing(desk.watch(BOOK, cycle_id, looker="a")) as changes:
        async for one in changes:
            told.append((one.state, one.issued.version, one.issued.count))
            await asyncio.sleep(3 * POLL_SECONDS)  # read again meanwhile, and found the same
            if len(told) == 1:
                await reissue(database, cycle_id, "late")
            if len(told) == 2:
                await abandon(database, cycle_id)
    assert told == [
        (CycleState.IN_REVIEW, 1, 1),
        (CycleState.IN_REVIEW, 2, 2),
        (CycleState.ABANDONED, 2, 0),
    ]
    await soon(desk, 0)


async def test_a_cycle_that_is_not_there_ends_without_a_word(
    desk: ProgressDesk, database: Database
) -> None:
    cycle_id = await closed(database)
    for network_id, key in ((BOOK, uuid4()), (BOOK + 1, cycle_id)):
        assert [one async for one in desk.watch(network_id, key, looker="a")] == []
    await soon(desk, 0)


async def test_a_cut_connection_is_survived(
    desk: ProgressDesk, database: Database, superuser: AsyncConnection
) -> None:
    cycle_id = await closed(database)
    async with asyncio.timeout(10), aclosing(desk.watch(BOOK, cycle_id, looker="a")) as changes:
        assert (await anext(changes)).issued.version == 1
        for _ in range(3):
            await superuser.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND usename = 'mizan_app'"
                )
            )
            await asyncio.sleep(2 * POLL_SECONDS)
        await reissue(database, cycle_id, "late")
        assert (await anext(changes)).issued.version == 2


async def test_what_does_not_pass_is_told_to_all_who_look_on(
    desk: ProgressDesk, database: Database, superuser: AsyncConnection
) -> None:
    cycle_id = await closed(database)
    async with AsyncExitStack() as stack:
        watches = [desk.watch(BOOK, cycle_id, looker=name) for name in "ab"]
        for one in watches:
            await stack.enter_async_context(aclosing(one))
            assert (await anext(one)).state is CycleState.IN_REVIEW
        await superuser.execute(text("REVOKE SELECT ON payouts.payout FROM mizan_app"))
        for one in watches:
            with pytest.raises(ProgrammingError, match="permission denied"):
                await asyncio.wait_for(anext(one), 2)
    await soon(desk, 0)
    await superuser.execute(text("GRANT SELECT ON payouts.payout TO mizan_app"))
    async with aclosing(desk.watch(BOOK, cycle_id, looker="a")) as again:
        assert (await anext(again)).state is CycleState.IN_REVIEW


async def test_watches_are_bounded_for_a_caller_and_for_the_process(
    desk: ProgressDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_desk, "WATCHES_OF_ONE_MAX", 2)
    monkeypatch.setattr(progress_desk, "CYCLES_MAX", 1)
    cycle_id = await closed(database)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            one = await stack.enter_async_context(aclosing(desk.watch(BOOK, cycle_id, looker="a")))
            await anext(one)
        with pytest.raises(TooManyWatches):
            await anext(desk.watch(BOOK, cycle_id, looker="a"))
        with pytest.raises(TooManyWatches):
            await anext(desk.watch(BOOK, uuid4(), looker="b"))
        other = await stack.enter_async_context(aclosing(desk.watch(BOOK, cycle_id, looker="b")))
        assert (await anext(other)).state is CycleState.IN_REVIEW
        assert desk.watched_count == 1
    await soon(desk, 0)
    # What was refused took no place: there is room again for all that left.
    async with AsyncExitStack() as stack:
        for _ in range(2):
            one = await stack.enter_async_context(aclosing(desk.watch(BOOK, cycle_id, looker="a")))
            await anext(one)


async def test_closing_the_desk_ends_those_who_look_on(
    desk: ProgressDesk, database: Database
) -> None:
    cycle_id = await closed(database)
    async with aclosing(desk.watch(BOOK, cycle_id, looker="a")) as changes:
        await anext(changes)
        coming = asyncio.ensure_future(anext(changes, None))
        await asyncio.sleep(POLL_SECONDS)
        await desk.close()
        assert await asyncio.wait_for(coming, 1) is None
