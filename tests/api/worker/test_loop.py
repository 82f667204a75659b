"""The worker outlives its jobs, leaves failing ones alone for a while, and does what comes round."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from api.clock import Clock
from api.database.transaction import Database
from api.worker.books import BooksWatch
from api.worker.heartbeat import Heartbeat, heartbeat_of
from api.worker.loop import BATCHES_AT_ONCE, JOBS_AT_ONCE, Worker
from api.worker.partitions import PartitionsAhead
from api.worker.registry import DUE, make_schedule
from api.worker.schedule import Job, Round, Schedule
from api.worker.unsealed import UnsealedAges
from api.worker.world import World
from payouts.due import announce_due, claim_due, clear_due
from payouts.money import new_id
from tests.conftest import NOW
from tests.factories.partners import make_network
from tests.graphql_client import TestClock

NETWORK = 7


def world_of(database: Database, clock: Clock | None = None) -> World:
    rail: Any = None
    return World(database=database, rail=rail, clock=clock or TestClock(NOW))


def worker_of(world: World, schedule: Schedule, folder: Path) -> Worker:
    return Worker(world, schedule, Heartbeat(folder / "beat"))


async def announce(database: Database, kind: str, count: int = 1) -> list[UUID]:
    ids = [new_id(NOW) for _ in range(count)]
    async with database.writing(NETWORK) as db:
        for due_id in ids:
            await announce_due(db, network_id=NETWORK, kind=kind, due_id=due_id, due_at=NOW)
    return ids


def clearing(kind: str, done: list[UUID], batch: int = 3) -> Job:
    async def job(world: World, network_id: int) -> int:
        async with world.database.writing(network_id) as db:
            claimed = await claim_due(
                db,
                network_id=network_id,
                kind=kind,
                limit=batch,
                lease_seconds=60,
                now=world.clock.now(),
            )
            for due_id in claimed:
                await clear_due(db, network_id=network_id, kind=kind, due_id=due_id)
        done.extend(claimed)
        return len(claimed)

    return job


async def failing(world: World, network_id: int) -> int:
    raise RuntimeError("the job cannot")


async def test_due_work_is_done_batch_after_batch(database: Database, tmp_path: Path) -> None:
    done: list[UUID] = []
    ids = await announce(database, "tea.brew", 10)
    worker = worker_of(
        world_of(database), Schedule(due={"tea.brew": clearing("tea.brew", done)}), tmp_path
    )

    assert await worker.once() == 10
    assert sorted(done) == sorted(ids)
    assert await worker.once() == 0


async def test_batches_in_a_row_are_bounded(database: Database, tmp_path: Path) -> None:
    calls = 0

    async def endless(world: World, network_id: int) -> int:
        nonlocal calls
        calls += 1
        return 1

    await announce(database, "tea.brew")
    worker = worker_of(world_of(database), Schedule(due={"tea.brew": endless}), tmp_path)

    assert (await worker.once(), calls) == (BATCHES_AT_ONCE, BATCHES_AT_ONCE)


async def test_a_failing_job_stops_no_other_and_waits(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 100.0
    monkeypatch.setattr("api.worker.loop.time", SimpleNamespace(monotonic=lambda: seconds))
    done: list[UUID] = []
    await announce(database, "bad.job")
    await announce(database, "good.job", 2)
    tries = 0

    async def counted(world: World, network_id: int) -> int:
        nonlocal tries
        tries += 1
        return await failing(world, network_id)

    schedule = Schedule(due={"bad.job": counted, "good.job": clearing("good.job", done)})
    worker = worker_of(world_of(database), schedule, tmp_path)

    assert await worker.once() == 2
    assert await worker.once() == 0
    assert (len(done), tries) == (2, 1)
    seconds += 0.49
    await worker.once()
    assert tries == 1
    seconds += 0.02
    await worker.once()
    assert tries == 2


async def test_work_that_nobody_knows_is_left_and_stops_nothing(
    database: Database, tmp_path: Path
) -> None:
    done: list[UUID] = []
    await announce(database, "unheard.of")
    await announce(database, "good.job")
    schedule = Schedule(due={"good.job": clearing("good.job", done)})

    assert await worker_of(world_of(database), schedule, tmp_path).once() == 1


async def test_rounds_come_for_each_network_and_once_for_the_platform(
    database: Database, tmp_path: Path
) -> None:
    networks = [
        (await make_network(database, slug=slug)).network_id for slug in ("first", "second")
    ]
    seen: list[tuple[str, int]] = []

    def noting(name: str) -> Job:
        async def job(world: World, network_id: int) -> int:
            seen.append((name, network_id))
            return 0

        return job

    schedule = Schedule(
        rounds=(
            Round("each", noting("each"), 60.0),
            Round("platform", noting("platform"), 60.0, is_platform_wide=True),
        )
    )
    worker = worker_of(world_of(database), schedule, tmp_path)
    await worker.once()
    await worker.once()

    assert sorted(seen) == sorted([*(("each", one) for one in networks), ("platform", 0)])


async def test_it_runs_until_told_and_takes_its_beat_away(
    database: Database, tmp_path: Path
) -> None:
    done: list[UUID] = []
    heartbeat = heartbeat_of(tmp_path)
    schedule = Schedule(due={"tea.brew": clearing("tea.brew", done)})
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(world_of(database), schedule, heartbeat).run(stop))
    await announce(database, "tea.brew", 4)
    async with asyncio.timeout(5):
        while len(done) < 4:
            await asyncio.sleep(0.02)
    age = heartbeat.age_seconds()
    stop.set()
    await asyncio.wait_for(running, 5)

    assert age is not None
    assert age < 5
    assert heartbeat.age_seconds() is None


async def test_only_so_many_jobs_run_at_once(database: Database, tmp_path: Path) -> None:
    running = most = 0

    async def slow(world: World, network_id: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return 0

    kinds = [f"slow.{number}" for number in range(20)]
    for kind in kinds:
        await announce(database, kind)
    await worker_of(world_of(database), Schedule(due=dict.fromkeys(kinds, slow)), tmp_path).once()

    assert most == JOBS_AT_ONCE


@pytest.mark.parametrize("text", ["", "nonsense", "1e999"])
def test_a_beat_that_makes_no_sense_is_no_beat(tmp_path: Path, text: str) -> None:
    (tmp_path / "beat").write_text(text)

    assert Heartbeat(tmp_path / "beat").age_seconds() is None


async def test_every_kind_that_is_announced_has_a_job() -> None:
    root = Path(__file__).parents[3]
    kinds = set()
    for house in ("catalog", "partners", "payouts"):
        for path in (root / house).rglob("*.py"):
            kinds |= _announced(path.read_text())

    assert kinds == set(DUE)


def test_the_schedule_has_its_rounds() -> None:
    names = [
        one.name for one in make_schedule(UnsealedAges(), BooksWatch(), PartitionsAhead()).rounds
    ]
    assert names == [
        "sealing",
        "changes",
        "folding",
        "expiry",
        "debts",
        "balance_transactions",
        "unsealed",
        "books",
        "partitions",
        "sweep_transfers",
        "sweep_payouts",
        "sweep_intents",
        "sweep_topups",
        "sweep_accounts",
        "sweep_balance_transactions",
    ]


def _announced(source: str) -> set[str]:
    import re

    kinds = set(re.findall(r'kind="([a-z]+\.[a-z]+)", due_id', source))
    if "announce_due" in source or "KIND" in source:
        kinds |= set(re.findall(r'^[A-Z_]*KIND = "([a-z]+\.[a-z]+)"', source, re.MULTILINE))
    return kinds


async def test_work_without_end_keeps_nothing_else_from_its_turn(
    database: Database, tmp_path: Path
) -> None:
    turns: list[str] = []

    def endless(kind: str) -> Job:
        async def job(world: World, network_id: int) -> int:
            turns.append(kind)
            await asyncio.sleep(0)
            return 1

        return job

    kinds = [f"endless.{number}" for number in range(JOBS_AT_ONCE + 2)]
    for kind in kinds:
        await announce(database, kind)
    schedule = Schedule(
        due={kind: endless(kind) for kind in kinds},
        rounds=(Round("seal", endless("seal"), 0.0, is_platform_wide=True),),
    )
    worker = worker_of(world_of(database), schedule, tmp_path)

    for _ in range(2):
        await worker.once()
    assert set(turns) == {*kinds, "seal"}
