"""While several writers post, no journal waits longer for its place than is promised."""

import asyncio
import os
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.anchors import open_anchors
from api.database.transaction import Database
from api.seal_keys import open_seal_keys
from api.worker.books import BooksWatch
from api.worker.heartbeat import Heartbeat
from api.worker.jobs.sealing import run_sealing
from api.worker.loop import Worker
from api.worker.partitions import PartitionsAhead
from api.worker.registry import make_schedule
from api.worker.schedule import Schedule
from api.worker.unsealed import UnsealedAges
from api.worker.world import World
from payouts.ledger import Account, Cause, Draft, credit, debit, own_account, post_journals
from payouts.money import Money
from tests.factories.partners import make_network

SEED = 20260315
WRITERS = 4
SECONDS = 5.0
PROMISED_SECONDS = 2.0


def slowness() -> float:
    """Tell how many tasks of this machine want each of its processors; 1 where there is room."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


class RealClock:
    """The time that it is: how long something waits cannot be told by a clock that stands."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def _draft(draw: random.Random, key: str, at: datetime) -> Draft:
    amount = Money(draw.randrange(1, 10_000), "SAR")
    return Draft(
        kind="test.move",
        key=key,
        cause=Cause("test", key),
        lines=(
            debit(Account("partner_recv", f"p{draw.randrange(9)}", "SAR"), amount),
            credit(own_account("capital", "SAR"), amount),
        ),
        actor="test",
        effective_at=at,
    )


async def _write(database: Database, network_id: int, name: str, until: float) -> int:
    draw, posted, clock = random.Random(f"{SEED}:{name}"), 0, RealClock()
    while asyncio.get_running_loop().time() < until:
        now = clock.now()
        size = draw.randrange(1, 30)
        drafts = [_draft(draw, f"{name}:{posted + n}", now) for n in range(size)]
        async with database.writing(network_id) as db:
            await post_journals(db, network_id=network_id, drafts=drafts, now=now)
        posted += size
        await asyncio.sleep(draw.choice((0, 0, 0.01, 0.05)))
    return posted


async def _watch(world: World, network_id: int, until: float) -> list[float]:
    ages, seen = UnsealedAges(), []
    while asyncio.get_running_loop().time() < until:
        await ages.measure(world, network_id)
        seen.append(ages.oldest_seconds() or 0.0)
        await asyncio.sleep(0.05)
    return seen


async def test_the_unsealed_age_stays_within_two_seconds_under_load(
    database: Database, superuser: AsyncConnection, tmp_path: Path
) -> None:
    network_id = (await make_network(database, slug="busy")).network_id
    rail: Any = None
    clock: Any = RealClock()
    anchors = open_anchors(tmp_path, open_seal_keys(tmp_path))
    world = World(database=database, rail=rail, clock=clock, anchors=anchors)
    rounds = make_schedule(UnsealedAges(), BooksWatch(), PartitionsAhead()).rounds
    worker = Worker(world, Schedule(due={}, rounds=rounds), Heartbeat(tmp_path / "beat"))
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    until = asyncio.get_running_loop().time() + SECONDS
    seen, *posted = await asyncio.gather(
        _watch(world, network_id, until),
        *(_write(database, network_id, f"w{n}", until) for n in range(WRITERS)),
    )
    stop.set()
    await running
    while await run_sealing(world, network_id):
        pass
    sealed = await superuser.execute(text("SELECT count(*) FROM payouts.seal"))
    assert sealed.scalar_one() == sum(posted) > 100
    assert any(age > 0 for age in seen)
    assert len(seen) > 10
    assert max(seen) <= PROMISED_SECONDS * slowness(), sorted(seen)[-5:]
