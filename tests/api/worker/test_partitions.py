"""The worker makes the ledger's partitions ahead of time, wherever its clock stands."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from api.worker.partitions import PartitionsAhead
from api.worker.world import World
from payouts.ledger import open_book, post_journal
from tests.graphql_client import TestClock
from tests.payouts.ledger.test_post_journal import earned

BOOK = 7
LATE = datetime(2091, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> TestClock:
    return TestClock(LATE)


@pytest.fixture
def world(database: Database, clock: TestClock) -> World:
    nobody: Any = None
    return World(database=database, rail=nobody, clock=clock)


async def names(superuser: AsyncConnection) -> set[str]:
    found = await superuser.execute(
        text("SELECT relname FROM pg_class WHERE relispartition AND relname LIKE '%209%'")
    )
    return {name for name in found.scalars() if not name.endswith(("key", "idx"))}


async def test_this_month_and_the_next_three_are_made_once(
    world: World, superuser: AsyncConnection
) -> None:
    ahead = PartitionsAhead()
    assert (ahead.months(), ahead.unplaced_bytes()) == (None, None)
    assert await ahead.make(world, 0) == 8
    assert await names(superuser) == {
        f"{table}_{month}"
        for table in ("journal", "posting")
        for month in ("209111", "209112", "209201", "209202")
    }
    assert await ahead.make(world, 0) == 0
    assert (ahead.months(), ahead.unplaced_bytes()) == (3, 0)


async def test_a_new_month_gets_one_more_and_an_earlier_time_none(
    world: World, clock: TestClock
) -> None:
    ahead = PartitionsAhead()
    assert await ahead.make(world, 0) == 8
    clock.set(datetime(2091, 12, 1, tzinfo=UTC))
    assert await ahead.make(world, 0) == 2
    clock.set(datetime(1999, 12, 1, tzinfo=UTC))
    assert await ahead.make(world, 0) == 0
    assert ahead.months() == 3


async def test_a_month_that_cannot_have_one_is_told(world: World, clock: TestClock) -> None:
    async with world.database.writing(BOOK) as db:
        await open_book(db, network_id=BOOK, zone="Asia/Riyadh", now=LATE)
        await post_journal(db, network_id=BOOK, draft=earned(), now=LATE)
    ahead = PartitionsAhead()
    assert await ahead.make(world, 0) == 6
    assert ahead.months() == 3
    assert (ahead.unplaced_bytes() or 0) > 0
    clock.set(datetime(2091, 10, 1, tzinfo=UTC))
    assert await ahead.make(world, 0) == 2
    assert ahead.months() == 0
