"""Natural group commit: calls of one network that arrive during its last batch form the next."""

import asyncio
import os
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database

IN_FLIGHT_MAX = 8
IN_FLIGHT_PER_PROCESSOR = 2
"""Of a database on this machine: with more of them its servers only cool each other's caches."""
BATCH_MAX = 256
ATTEMPTS_MAX = 3
PAUSE_SECONDS = 0.05
# Serialization failures, deadlocks and servers that went away: the same batch may well succeed.
_PASSING = ("40001", "40P01", "08", "57P0")
_log = structlog.get_logger("mizan.group_commit")

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Segment = tuple[int, list["_Call[Item, Answer]"]]


class TryAgain(Exception):
    """What a batch found out changes its items: roll back and carry it out anew."""


@dataclass(frozen=True, slots=True)
class Work(Generic[Item, Answer]):
    """What is done with the items of one network, in a transaction that others may share.

    `committing` and `committed` are told the answers right before and after the commit.
    """

    carry_out: Callable[[AsyncConnection, int, Sequence[Item]], Awaitable[list[Answer]]]
    committing: Callable[[Sequence[Answer]], None] = lambda _: None
    committed: Callable[[Sequence[Answer]], None] = lambda _: None


@dataclass(slots=True)
class _Call(Generic[Item, Answer]):
    item: Item
    answer: "asyncio.Future[Answer]"


class GroupCommit(Generic[Item, Answer]):
    """A queue for each network, and at most so many transactions at once over all of them.

    No timer: a call that finds its network idle goes at once. One batch of a network is in flight
    at a time. When more networks wait than there are transactions left, one transaction carries
    segments of several, each bound to its own network.
    """

    def __init__(self, database: Database, work: Work[Item, Answer]) -> None:
        self._database = database
        self._work = work
        self._free = in_flight_max(database)
        self._waiting: dict[int, deque[_Call[Item, Answer]]] = {}
        self._busy = set[int]()
        self._running = set[asyncio.Task[None]]()
        self._is_due = False

    async def submit(self, network_id: int, item: Item) -> Answer:
        """Have an item carried out with others of its network; answers once it is committed.

        A caller that gives up takes nothing back: what was begun for it is finished.
        """
        loop = asyncio.get_running_loop()
        call: _Call[Item, Answer] = _Call(item, loop.create_future())
        self._waiting.setdefault(network_id, deque()).append(call)
        self._look_soon()
        return await call.answer

    async def close(self) -> None:
        """Finish what was submitted."""
        while self._waiting or self._running:
            self._look()
            await asyncio.gather(*self._running, return_exceptions=True)

    def _look_soon(self) -> None:
        # After the other callers of this turn of the loop have submitted theirs.
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        self._is_due = False
        idle = [network_id for network_id in self._waiting if network_id not in self._busy]
        while self._free and idle:
            share = -(-len(idle) // self._free)
            segments = self._take(idle[:share])
            idle = [one for one in idle if one in self._waiting and one not in self._busy]
            if not segments:
                continue
            self._free -= 1
            task = asyncio.get_running_loop().create_task(self._run(segments))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def _take(self, networks: Sequence[int]) -> "list[Segment[Item, Answer]]":
        segments: list[Segment[Item, Answer]] = []
        room = BATCH_MAX
        for network_id in networks:
            if not room:
                break
            queue = self._waiting[network_id]
            calls: list[_Call[Item, Answer]] = []
            while queue and len(calls) < room:
                call = queue.popleft()
                if not call.answer.cancelled():
                    calls.append(call)
            if not queue:
                del self._waiting[network_id]
            if calls:
                room -= len(calls)
                segments.append((network_id, calls))
                self._busy.add(network_id)
        return sorted(segments, key=lambda segment: segment[0])

    async def _run(self, segments: "list[Segment[Item, Answer]]") -> None:
        try:
            await self._carry_out(segments)
        except BaseException as error:
            for _, calls in segments:
                for call in calls:
                    _fail(call, error)
            raise
        finally:
            self._busy.difference_update(network_id for network_id, _ in segments)
            self._free += 1
            self._look_soon()

    async def _carry_out(self, segments: "list[Segment[Item, Answer]]") -> None:
        """Try all together, then each network alone, then each item: a bad one hurts only itself."""
        calls = sum(len(calls) for _, calls in segments)
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                await self._attempt(segments)
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, it is one item's alone
                if calls == 1 and (not is_passing(error) or attempt == ATTEMPTS_MAX):
                    _fail(segments[0][1][0], error)
                    return
                if not is_passing(error):
                    break
                await asyncio.sleep(PAUSE_SECONDS * attempt)
        _log.info("batch divided", networks=len(segments), calls=calls)
        for network_id, own in segments:
            if len(segments) > 1:
                await self._carry_out([(network_id, own)])
            else:
                for call in own:
                    await self._carry_out([(network_id, [call])])

    async def _attempt(self, segments: "list[Segment[Item, Answer]]") -> None:
        while True:
            try:
                answers = await self._once(segments)
                break
            except TryAgain:
                continue
        self._work.committed(answers)
        told = iter(answers)
        for _, calls in segments:
            for call in calls:
                answer = next(told)
                if not call.answer.done():
                    call.answer.set_result(answer)

    async def _once(self, segments: "list[Segment[Item, Answer]]") -> list[Answer]:
        answers: list[Answer] = []
        async with self._database.batching(segments[0][0]) as batch:
            for network_id, calls in segments:
                db = await batch.enter(network_id)
                items = [call.item for call in calls]
                answers += await self._work.carry_out(db, network_id, items)
            self._work.committing(answers)
        return answers


def in_flight_max(database: Database) -> int:
    """Tell how many transactions of batches there are at once, at most."""
    # Two connections stay for the reads and the single writes of this process.
    most = min(IN_FLIGHT_MAX, database.pool_size - 2)
    if database.is_near:
        most = min(most, IN_FLIGHT_PER_PROCESSOR * (os.cpu_count() or 1))
    return max(1, most)


def is_passing(error: BaseException) -> bool:
    """Tell whether the same work may succeed if it is simply done again."""
    origin: Any = error.orig if isinstance(error, DBAPIError) else error
    sqlstate = getattr(origin, "sqlstate", None) or ""
    if sqlstate:
        return str(sqlstate).startswith(_PASSING)
    is_cut_off = isinstance(error, DBAPIError) and error.connection_invalidated
    return is_cut_off or isinstance(origin, OSError | asyncpg.InterfaceError)


def _fail(call: "_Call[Any, Any]", error: BaseException) -> None:
    if call.answer.done():
        return
    if isinstance(error, asyncio.CancelledError):
        call.answer.cancel()
    else:
        call.answer.set_exception(error)
