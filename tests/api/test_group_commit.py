"""Calls that arrive during a network's batch form the next; a bad one hurts only itself."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.engine import open_engine
from api.database.transaction import Database
from api.group_commit import (
    BATCH_MAX,
    IN_FLIGHT_MAX,
    IN_FLIGHT_PER_PROCESSOR,
    GroupCommit,
    TryAgain,
    Work,
    in_flight_max,
)
from tests.factories.partners import make_network


class Ledgerless:
    """Work that notes what it was given, and does what an item says."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, list[Any]]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.failures: dict[Any, list[BaseException]] = {}
        self.running = self.most = 0
        self.committed: list[list[Any]] = []

    async def carry_out(
        self, db: AsyncConnection, network_id: int, items: Sequence[Any]
    ) -> list[Any]:
        self.batches.append((network_id, list(items)))
        bound = await db.execute(text("SELECT current_setting('app.network_id')"))
        assert bound.scalar_one() == str(network_id)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.open.wait()
            await asyncio.sleep(0)
            for item in items:
                if self.failures.get(item):
                    raise self.failures[item].pop(0)
        finally:
            self.running -= 1
        return [("done", network_id, item) for item in items]

    def group(self, database: Database) -> GroupCommit[Any, Any]:
        return GroupCommit(
            database,
            Work(self.carry_out, committed=lambda answers: self.committed.append(list(answers))),
        )


@pytest.fixture
def work() -> Ledgerless:
    return Ledgerless()


async def started(work: Ledgerless, count: int) -> None:
    while len(work.batches) < count:
        await asyncio.sleep(0.005)


async def test_calls_that_arrive_meanwhile_form_the_next_batch(
    database: Database, work: Ledgerless
) -> None:
    group = work.group(database)
    work.open.clear()
    first = asyncio.create_task(group.submit(1, "a"))
    await started(work, 1)
    others = [asyncio.create_task(group.submit(1, name)) for name in "bcd"]
    await asyncio.sleep(0.02)
    assert work.batches == [(1, ["a"])]

    work.open.set()
    assert await asyncio.gather(first, *others) == [("done", 1, name) for name in "abcd"]
    assert work.batches == [(1, ["a"]), (1, ["b", "c", "d"])]
    assert work.most == 1


async def test_a_batch_is_bounded(database: Database, work: Ledgerless) -> None:
    group = work.group(database)
    await asyncio.gather(*(group.submit(1, n) for n in range(BATCH_MAX + 10)))
    assert [len(items) for _, items in work.batches] == [BATCH_MAX, 10]


async def test_networks_share_transactions_when_more_wait_than_may_run(
    database: Database, work: Ledgerless
) -> None:
    group = work.group(database)
    at_once = in_flight_max(database)
    networks = list(range(1, 1 + 5 * at_once))
    found = await asyncio.gather(*(group.submit(n, f"of-{n}") for n in reversed(networks)))
    assert found == [("done", n, f"of-{n}") for n in reversed(networks)]
    # Each segment saw its own network alone, and they were entered in the order of their books.
    assert sorted(work.batches) == [(n, [f"of-{n}"]) for n in networks]
    assert work.most <= at_once
    assert len(work.committed) == at_once
    for answers in work.committed:
        assert [n for _, n, _ in answers] == sorted(n for _, n, _ in answers)
        assert len(answers) == 5


async def test_a_caller_that_gives_up_does_not_stop_the_batch(
    database: Database, work: Ledgerless
) -> None:
    group = work.group(database)
    work.open.clear()
    tasks = [asyncio.create_task(group.submit(1, name)) for name in "ab"]
    await started(work, 1)
    late = asyncio.create_task(group.submit(1, "c"))
    await asyncio.sleep(0.01)
    tasks[0].cancel()
    late.cancel()
    work.open.set()
    assert await tasks[1] == ("done", 1, "b")
    await group.close()
    assert work.committed == [[("done", 1, "a"), ("done", 1, "b")]]
    assert work.batches == [(1, ["a", "b"])]


def refused_by_database(sqlstate: str) -> DBAPIError:
    origin = asyncpg.PostgresError("no")
    origin.sqlstate = sqlstate
    return DBAPIError("SELECT", {}, origin)


async def test_a_poisonous_item_fails_alone(database: Database, work: Ledgerless) -> None:
    group = work.group(database)
    work.failures["bad"] = [ValueError("bad")] * 9
    found = await asyncio.gather(
        *(group.submit(n, item) for n, item in [(1, "a"), (1, "bad"), (1, "c"), (2, "d")]),
        return_exceptions=True,
    )
    assert [one for one in found if not isinstance(one, ValueError)] == [
        ("done", 1, "a"),
        ("done", 1, "c"),
        ("done", 2, "d"),
    ]
    assert isinstance(found[1], ValueError)


@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "57P01", "08006"])
async def test_what_passes_is_tried_again_as_it_was(
    database: Database, work: Ledgerless, sqlstate: str
) -> None:
    group = work.group(database)
    work.failures["a"] = [refused_by_database(sqlstate)]
    found = await asyncio.gather(group.submit(1, "a"), group.submit(1, "b"))
    assert found == [("done", 1, "a"), ("done", 1, "b")]
    assert work.batches == [(1, ["a", "b"])] * 2


async def test_work_that_learned_something_is_done_anew(
    database: Database, work: Ledgerless
) -> None:
    group = work.group(database)
    work.failures["a"] = [TryAgain(), TryAgain()]
    assert await group.submit(1, "a") == ("done", 1, "a")
    assert len(work.batches) == 3
    assert len(work.committed) == 1


async def test_a_connection_that_was_cut_is_replaced(
    database: Database, work: Ledgerless, superuser: AsyncConnection
) -> None:
    network = await make_network(database)
    group = work.group(database)
    await superuser.execute(
        text(  # of this test's database alone: others are using theirs
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'mizan_app' AND datname = current_database()"
        )
    )
    found = await asyncio.gather(*(group.submit(network.network_id, n) for n in range(5)))
    assert len(found) == 5


async def test_closing_finishes_what_was_submitted(database: Database, work: Ledgerless) -> None:
    group = work.group(database)
    tasks = [asyncio.create_task(group.submit(n % 3, n)) for n in range(30)]
    await asyncio.sleep(0)
    await group.close()
    assert all(task.done() for task in tasks)


@pytest.mark.parametrize(
    ("address", "is_near"),
    [
        ("postgresql+asyncpg://app@/mizan?host=/var/run/mizan", True),
        ("postgresql+asyncpg://app@/mizan", True),
        ("postgresql+asyncpg://app@localhost/mizan", True),
        ("postgresql+asyncpg://app@127.0.0.1:5433/mizan", True),
        ("postgresql+asyncpg://app@[::1]/mizan", True),
        ("postgresql+asyncpg://app@db.example/mizan", False),
        ("postgresql+asyncpg://app@/mizan?host=db.example", False),
        ("postgresql+asyncpg://app@127.0.0.2/mizan", False),
        ("postgresql+asyncpg://app@/mizan?host=a.example:5432&host=b.example:5432", False),
    ],
)
@pytest.mark.parametrize("processors", [1, 2, 64, None])
async def test_a_database_on_this_machine_has_as_many_batches_as_it_has_processors_for(
    monkeypatch: pytest.MonkeyPatch, address: str, is_near: bool, processors: int | None
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: processors)
    own = IN_FLIGHT_PER_PROCESSOR * (processors or 1)
    for pool_size, left in ((16, 14), (5, 3), (1, 1)):
        engine = open_engine(address, pool_size=pool_size)
        most = min(left, IN_FLIGHT_MAX, own) if is_near else min(left, IN_FLIGHT_MAX)
        assert in_flight_max(Database(engine)) == most
        await engine.dispose()
