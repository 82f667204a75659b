"""The figure of sealing: how long a journal waits for its place while several writers post."""

import asyncio
import random
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

from api.anchors import open_anchors
from api.clock import Clock
from api.database.engine import open_engine
from api.database.transaction import Database
from api.seal_keys import open_seal_keys
from api.worker.books import BooksWatch
from api.worker.heartbeat import Heartbeat
from api.worker.loop import Worker
from api.worker.partitions import PartitionsAhead
from api.worker.registry import make_schedule
from api.worker.schedule import Schedule
from api.worker.unsealed import UnsealedAges
from api.worker.world import World
from payouts.ledger import Account, Cause, Draft, credit, debit, own_account, post_journals
from payouts.money import Money
from tests.benchmarks.books.comparison import Comparison
from tests.benchmarks.books.sizes import BookSizes
from tests.benchmarks.ground import Ground, empty_folder
from tests.factories.partners import make_network

WRITERS = 4
JOURNALS_MAX = 30
"""A transaction posts at most so many."""
LOOKS_EACH = 0.05
SECONDS_MAX = 2.0
ROUNDS = frozenset({"sealing", "changes", "folding", "expiry", "debts", "unsealed", "books"})
"""Of the worker, those that work in the books; the others ask the provider, and there is none."""


class NotSealed(Exception):
    """Journals were posted that have no place."""


def measure_waiting(ground: Ground, folder: Path, sizes: BookSizes) -> Comparison:
    """Post with several writers beside a worker with all its rounds. Raises NotSealed."""
    ages, posted = asyncio.run(_wait(ground, empty_folder(folder), 2 * sizes.seconds))
    half = quantiles(ages, n=2)[0]
    return Comparison(
        name=f"the longest that a journal waits for its place, {WRITERS} writers / 2 s",
        ratio=max(ages) / SECONDS_MAX,
        measured=f"{max(ages):.2f} s, the middle of {len(ages)} looks {half:.2f} s",
        against=f"{SECONDS_MAX:.0f} s, {posted:,} journals",
        bound=1,
        direction="lower",
    )


async def _wait(ground: Ground, folder: Path, seconds: float) -> tuple[list[float], int]:
    engine = open_engine(ground.application_url, pool_size=WRITERS + 6)
    database = Database(engine)
    network_id = (await make_network(database, slug="waiting")).network_id
    rail: Any = None
    anchors = open_anchors(folder, open_seal_keys(folder))
    world = World(database=database, rail=rail, clock=Clock(), anchors=anchors)
    every = make_schedule(UnsealedAges(), BooksWatch(), PartitionsAhead()).rounds
    rounds = tuple(one for one in every if one.name in ROUNDS)
    worker = Worker(world, Schedule(due={}, rounds=rounds), Heartbeat(folder / "beat"))
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    until = asyncio.get_running_loop().time() + seconds
    writing = [
        asyncio.create_task(_write(world, network_id, f"w{n}", until)) for n in range(WRITERS)
    ]
    # What was posted last has its time as well.
    ages = await _watch(world, network_id, until + SECONDS_MAX)
    posted = sum([await one for one in writing])
    stop.set()
    await running
    await engine.dispose()
    db = await ground.connect(ground.superuser_url)
    sealed = await db.fetchval("SELECT count(*) FROM payouts.seal")
    await db.close()
    if sealed != posted:
        raise NotSealed(f"{sealed} of {posted} journals have a place")
    return ages, sealed


async def _watch(world: World, network_id: int, until: float) -> list[float]:
    ages, seen = UnsealedAges(), []
    while asyncio.get_running_loop().time() < until:
        await ages.measure(world, network_id)
        seen.append(ages.oldest_seconds() or 0.0)
        await asyncio.sleep(LOOKS_EACH)
    return seen


async def _write(world: World, network_id: int, name: str, until: float) -> int:
    draw, posted = random.Random(name), 0
    while asyncio.get_running_loop().time() < until:
        now = world.clock.now()
        size = draw.randrange(1, JOURNALS_MAX)
        drafts = [_draft(draw, f"{name}:{posted + n}", now) for n in range(size)]
        async with world.database.writing(network_id) as db:
            await post_journals(db, network_id=network_id, drafts=drafts, now=now)
        posted += size
        await asyncio.sleep(draw.choice((0, 0, 0.01, 0.05)))
    return posted


def _draft(draw: random.Random, key: str, at: datetime) -> Draft:
    amount = Money(draw.randrange(1, 10_000), "SAR")
    return Draft(
        kind="bench.move",
        key=key,
        cause=Cause("bench", key),
        lines=(
            debit(Account("partner_recv", f"p{draw.randrange(9)}", "SAR"), amount),
            credit(own_account("capital", "SAR"), amount),
        ),
        actor="bench",
        effective_at=at,
    )
