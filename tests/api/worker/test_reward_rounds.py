"""The worker puts rewards on sale and retires them, as the clock goes."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from api.worker.heartbeat import Heartbeat
from api.worker.loop import Worker
from api.worker.registry import DUE
from api.worker.schedule import Schedule
from api.worker.world import World
from catalog.rewards import RewardState, get_reward
from tests.catalog.rewards.lives import LATER, SUNSET, Lives, is_listed
from tests.conftest import NOW
from tests.factories.partners import open_shop
from tests.graphql_client import TestClock


async def test_a_reward_goes_live_and_retires_by_the_clock_alone(
    database: Database, superuser: AsyncConnection, tmp_path: Path
) -> None:
    shop = await open_shop(database)
    lives = Lives(database, shop.network_id, shop.partner.partner_id)
    reward_id = await lives.in_state("scheduled")
    clock = TestClock(NOW)
    world = World(database=database, rail=None, clock=clock)  # type: ignore[arg-type]
    worker = Worker(world, Schedule(due=DUE), Heartbeat(tmp_path / "beat"))

    async def state() -> RewardState:
        async with database.reading(shop.network_id) as db:
            found = await get_reward(db, network_id=shop.network_id, reward_id=reward_id)
        return found.state

    assert await worker.once() == 0
    assert await state() is RewardState.SCHEDULED
    clock.set(LATER)
    assert await worker.once() == 1
    assert await state() is RewardState.ACTIVE
    assert await is_listed(superuser, reward_id) == (True, True)
    await lives.give("announce", reward_id, now=LATER)
    assert await worker.once() == 0
    clock.set(SUNSET + timedelta(seconds=1))
    assert await worker.once() == 1
    assert await state() is RewardState.RETIRED
    assert await is_listed(superuser, reward_id) == (False, False)
    assert await worker.once() == 0
