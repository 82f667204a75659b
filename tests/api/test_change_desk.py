"""A followed catalogue is read by one task for all; whoever comes back misses nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import UUID

import pytest

from api import change_desk
from api.change_desk import ChangeDesk, PlaceNotReached, TooManyFollowed
from api.database.transaction import Database
from catalog.changes import Change, ChangeKind, note_changes, order_changes
from payouts.money import new_id
from tests.conftest import NOW

NETWORK = 990_071
POLL_SECONDS = 0.02


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[ChangeDesk]:
    made = ChangeDesk(database, poll_seconds=POLL_SECONDS)
    yield made
    await made.close()
    assert made.followed_count == 0


async def change(database: Database, count: int = 1) -> list[UUID]:
    ids = [new_id(NOW) for _ in range(count)]
    async with database.writing(NETWORK) as db:
        changes = [Change(one, ChangeKind.REVISED, 1) for one in ids]
        await note_changes(db, network_id=NETWORK, changes=changes, now=NOW)
    return ids


async def take(
    desk: ChangeDesk, count: int, *, after: int | None, follower: str = "a"
) -> list[tuple[int, UUID]]:
    """Follow until so many changes have come."""
    found: list[tuple[int, UUID]] = []
    async with (
        asyncio.timeout(20),
        aclosing(desk.follow(NETWORK, after=after, follower=follower)) as told,
    ):
        async for some in told:
            assert len(some) <= change_desk.PAGE_MAX
            found += [(one.place, one.reward_id) for one in some]
            if len(found) >= count:
                break
    return found


async def test_from_now_on_each_change_is_told_once_in_order(
    desk: ChangeDesk, database: Database
) -> None:
    await change(database, 2)
    async with database.writing(NETWORK) as db:
        await order_changes(db, network_id=NETWORK)
    following = asyncio.create_task(take(desk, 3, after=None))
    async with asyncio.timeout(5):
        while not desk.followed_count:
            await asyncio.sleep(0.01)
    (first,) = await change(database)
    second, third = await change(database, 2)
    assert await following == [(3, first), (4, second), (5, third)]


async def test_whoever_comes_back_goes_on_where_it_was(
    desk: ChangeDesk, database: Database
) -> None:
    ids = await change(database, 250)
    assert await take(desk, 100, after=0) == [(n + 1, ids[n]) for n in range(100)]
    ids += await change(database, 30)
    rest = await take(desk, 180, after=100)
    assert rest == [(n + 1, ids[n]) for n in range(100, 280)]


async def test_whoever_is_far_behind_reads_and_catches_up(
    desk: ChangeDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_desk, "PAGE_MAX", 10)
    ids = await change(database, 60)
    quick = asyncio.create_task(take(desk, 65, after=0, follower="quick"))
    ids += await change(database, 5)
    wanted = [(n + 1, one) for n, one in enumerate(ids)]
    assert await quick == wanted
    assert await take(desk, 65, after=0, follower="slow") == wanted


async def test_many_followers_are_served_by_one_reader(
    desk: ChangeDesk, database: Database
) -> None:
    following = [
        asyncio.create_task(take(desk, 40, after=0, follower=f"f{n % 10}")) for n in range(100)
    ]
    ids: list[UUID] = []
    for _ in range(4):
        ids += await change(database, 10)
        await asyncio.sleep(0.03)
        assert desk.followed_count <= 1
    wanted = [(n + 1, one) for n, one in enumerate(ids)]
    assert all(found == wanted for found in await asyncio.gather(*following))


async def test_a_place_that_nobody_has_is_refused(desk: ChangeDesk, database: Database) -> None:
    await change(database)
    assert len(await take(desk, 1, after=0)) == 1
    with pytest.raises(PlaceNotReached):
        await take(desk, 1, after=2)


async def test_what_the_worker_ordered_meanwhile_is_no_place_of_nobody(
    database: Database,
) -> None:
    slow = ChangeDesk(database, poll_seconds=30)
    asleep = asyncio.create_task(take(slow, 1, after=None, follower="b"))
    await asyncio.sleep(0.3)
    await change(database, 2)
    async with database.writing(NETWORK) as db:
        await order_changes(db, network_id=NETWORK)
    late = asyncio.create_task(take(slow, 1, after=2))
    await asyncio.sleep(0.2)
    assert not late.done()
    for one in (asleep, late):
        one.cancel()
    await asyncio.gather(asleep, late, return_exceptions=True)
    await slow.close()


async def test_one_caller_follows_so_many_and_no_more(
    desk: ChangeDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_desk, "FOLLOWED_BY_ONE_MAX", 1)
    first = asyncio.create_task(take(desk, 1, after=0))
    await asyncio.sleep(0.1)
    with pytest.raises(TooManyFollowed):
        await take(desk, 1, after=0)
    await change(database)
    assert len(await first) == 1
    assert len(await take(desk, 1, after=0)) == 1  # the place is free again


async def test_a_failure_is_told_and_leaves_nothing_running(
    desk: ChangeDesk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> int:
        raise RuntimeError("the code is wrong")

    monkeypatch.setattr(change_desk, "order_changes", broken)
    with pytest.raises(RuntimeError, match="the code is wrong"):
        await take(desk, 1, after=0)
    async with asyncio.timeout(2):
        while desk.followed_count:
            await asyncio.sleep(0)
