"""The worker's loop: finds due work, does it in bounded batches, and outlives every job's failure."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from api.database.transaction import PLATFORM_NETWORK_ID
from api.worker.heartbeat import Heartbeat
from api.worker.schedule import Job, Round, Schedule
from api.worker.world import World
from partners.networks import list_networks
from payouts.due import DueNetwork, list_due_networks

JOBS_AT_ONCE = 6
URGENT_AT_ONCE = 4
BATCHES_AT_ONCE = 20
DUE_NETWORKS_MAX = 200
IDLE_SECONDS_MIN = 0.05
IDLE_SECONDS_MAX = 0.5
JOB_SECONDS_MAX = 180.0
FAILURE_SECONDS_MIN = 0.5
FAILURE_SECONDS_MAX = 60.0
BEAT_SECONDS = 1.0
END_SECONDS_MAX = 10.0

_log = structlog.get_logger("mizan.worker")
_Slot = tuple[str, int]


@dataclass(slots=True)
class _Trouble:
    failures: int
    until: float


@dataclass(slots=True)
class Worker:
    """One worker; any number may run at once, in any number of processes."""

    world: World
    schedule: Schedule
    heartbeat: Heartbeat
    _running: dict[_Slot, asyncio.Task[int]] = field(default_factory=dict)
    _troubles: dict[_Slot, _Trouble] = field(default_factory=dict)
    _next_round: dict[_Slot, float] = field(default_factory=dict)
    _started_at: dict[_Slot, float] = field(default_factory=dict)
    _unknown: set[str] = field(default_factory=set)
    _beaten_at: float = 0.0
    _done: int = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; what has begun by then is finished, within bounds."""
        idle = IDLE_SECONDS_MIN
        try:
            while not stop.is_set():
                self._beat()
                self.world.crash("worker.round")
                done_before = self._done
                try:
                    await self._look_around()
                except Exception:  # noqa: BLE001 the database may come back
                    _log.exception("the worker could not look for work")
                    idle = IDLE_SECONDS_MAX
                idle = (
                    IDLE_SECONDS_MIN
                    if self._done > done_before
                    else min(idle * 2, IDLE_SECONDS_MAX)
                )
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), idle)
        finally:
            await self._end()

    async def once(self) -> int:
        """Do all that is due now, one batch of each, and wait for it; tell how much was done."""
        before = self._done
        await self._look_around()
        if self._running:
            await asyncio.wait(self._running.values())
        return self._done - before

    async def _look_around(self) -> None:
        now = self.world.clock.now()
        async with self.world.database.reading(PLATFORM_NETWORK_ID) as db:
            found = await list_due_networks(db, now=now, limit=DUE_NETWORKS_MAX)
            networks = await list_networks(db) if self.schedule.rounds else []
        wanted = dict(self._jobs_due(found))
        rounds = dict(self._rounds_due([one.network_id for one in networks]))
        wanted |= {slot: one.job for slot, one in rounds.items()}
        # Whoever waited longest goes first, so that work without end keeps nothing from its turn.
        for slot in sorted(wanted, key=lambda slot: self._started_at.get(slot, 0.0)):
            is_urgent = slot in rounds and rounds[slot].is_urgent
            if self._start(slot, wanted[slot], is_urgent=is_urgent) and slot in rounds:
                self._next_round[slot] = time.monotonic() + rounds[slot].interval_seconds

    def _jobs_due(self, found: list[DueNetwork]) -> Iterator[tuple[_Slot, Job]]:
        for due in found:
            job = self.schedule.due.get(due.kind)
            if job is None:
                self._note_unknown(due.kind)
            else:
                yield (due.kind, due.network_id), job

    def _rounds_due(self, network_ids: list[int]) -> Iterator[tuple[_Slot, Round]]:
        present = time.monotonic()
        for one in self.schedule.rounds:
            for network_id in [PLATFORM_NETWORK_ID] if one.is_platform_wide else network_ids:
                if self._next_round.get((one.name, network_id), 0.0) <= present:
                    yield (one.name, network_id), one

    def _start(self, slot: _Slot, job: Job, *, is_urgent: bool) -> bool:
        name, network_id = slot
        at_once_max = JOBS_AT_ONCE + (URGENT_AT_ONCE if is_urgent else 0)
        trouble = self._troubles.get(slot)
        is_waiting = trouble is not None and time.monotonic() < trouble.until
        if slot in self._running or is_waiting or len(self._running) >= at_once_max:
            return False
        task = asyncio.create_task(self._do(slot, job), name=f"{name} of {network_id}")
        self._running[slot] = task
        self._started_at[slot] = time.monotonic()
        task.add_done_callback(lambda _: self._running.pop(slot, None))
        return True

    async def _do(self, slot: _Slot, job: Job) -> int:
        name, network_id = slot
        try:
            async with asyncio.timeout(JOB_SECONDS_MAX):
                done = await self._batches(job, network_id)
        except Exception:  # noqa: BLE001 nothing of one job or network may stop the others
            known = self._troubles.get(slot)
            failures = known.failures + 1 if known else 1
            pause = min(FAILURE_SECONDS_MIN * 2 ** (failures - 1), FAILURE_SECONDS_MAX)
            self._troubles[slot] = _Trouble(failures, time.monotonic() + pause)
            _log.exception(
                "a job failed", job=name, network_id=network_id, failures=failures, pause=pause
            )
            return 0
        self._troubles.pop(slot, None)
        self._done += done
        return done

    async def _batches(self, job: Job, network_id: int) -> int:
        total = 0
        for _ in range(BATCHES_AT_ONCE):
            done = await job(self.world, network_id)
            total += done
            if not done:
                break
        return total

    async def _end(self) -> None:
        running = list(self._running.values())
        if running:
            _, late = await asyncio.wait(running, timeout=END_SECONDS_MAX)
            for task in late:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*late, return_exceptions=True)
        self.heartbeat.end()

    def _beat(self) -> None:
        if time.monotonic() - self._beaten_at >= BEAT_SECONDS:
            self.heartbeat.beat()
            self._beaten_at = time.monotonic()

    def _note_unknown(self, kind: str) -> None:
        if kind not in self._unknown:
            self._unknown.add(kind)
            _log.error("there is no job for this kind of due work", kind=kind)
