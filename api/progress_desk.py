"""Where settlement cycles are watched: each is counted once a second, however many look on."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from uuid import UUID

from api.database.transaction import Database
from api.polling import keep_asking
from payouts.disbursement import CycleProgress, read_cycle_progress

POLL_SECONDS = 1.0
WATCHES_OF_ONE_MAX = 20
CYCLES_MAX = 500


class TooManyWatches(Exception):
    """This caller, or this process, watches as many settlement cycles as it may."""


@dataclass(slots=True)
class _Watch:
    """One cycle that is counted again and again, and those who look on."""

    lookers: int = 0
    version: int = 0
    latest: CycleProgress | None = None
    has_ended: bool = False
    failure: Exception | None = None
    told: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, progress: CycleProgress) -> None:
        """Show all who look on what has changed."""
        self.latest = progress
        self.version += 1
        self.wake()

    def end(self, failure: Exception | None = None) -> None:
        """Tell all who look on that nothing more comes."""
        self.has_ended, self.failure = True, failure
        self.wake()

    def wake(self) -> None:
        """Wake all who look on."""
        woken, self.told = self.told, asyncio.Event()
        woken.set()


class ProgressDesk:
    """Tells any number of lookers how a settlement cycle comes on; one for each process.

    A watched cycle is read once in `poll_seconds`, by one task that ends with its last looker.
    """

    def __init__(self, database: Database, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._database = database
        self._poll_seconds = poll_seconds
        self._watches: dict[tuple[int, UUID], _Watch] = {}
        self._lookers: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def watched_count(self) -> int:
        """How many cycles are being read."""
        return len(self._tasks)

    async def watch(
        self, network_id: int, cycle_id: UUID, *, looker: str
    ) -> AsyncGenerator[CycleProgress]:
        """Yield how far a cycle has come, at once and after each change, until it is over.

        Ends without a word for a cycle that is not there. Raises TooManyWatches.
        """
        if self._lookers[looker] >= WATCHES_OF_ONE_MAX:
            raise TooManyWatches
        watch = self._join((network_id, cycle_id))
        self._lookers[looker] += 1
        seen = 0
        try:
            while True:
                while watch.version == seen and not watch.has_ended:
                    await watch.told.wait()
                if watch.version != seen and watch.latest is not None:
                    seen = watch.version
                    yield watch.latest
                elif watch.failure is not None:
                    raise watch.failure
                else:
                    return
        finally:
            self._lookers -= Counter((looker,))
            watch.lookers -= 1
            if not watch.lookers:
                self._drop((network_id, cycle_id), watch)

    async def close(self) -> None:
        """End all watches, and with them what they tell."""
        for key, watch in list(self._watches.items()):
            self._drop(key, watch)
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _join(self, key: tuple[int, UUID]) -> _Watch:
        watch = self._watches.get(key)
        if watch is None:
            if len(self._watches) >= CYCLES_MAX:
                raise TooManyWatches
            watch = self._watches[key] = _Watch()
            task = asyncio.create_task(self._follow(key, watch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        watch.lookers += 1
        return watch

    def _drop(self, key: tuple[int, UUID], watch: _Watch) -> None:
        # Told, not cancelled: a statement that is cut off costs its connection.
        watch.stop.set()
        if self._watches.get(key) is watch:
            del self._watches[key]

    async def _follow(self, key: tuple[int, UUID], watch: _Watch) -> None:
        clock = asyncio.get_running_loop().time

        async def turn() -> float | None:
            began = clock()
            progress = await self._read(key)
            if progress is not None and progress != watch.latest:
                watch.tell(progress)
            if progress is None or progress.is_over:
                return None
            # A cycle that takes long to count keeps the database busy half of the time at most.
            return max(self._poll_seconds, clock() - began)

        failure = None
        try:
            await keep_asking(turn, watch.stop, pause_seconds=self._poll_seconds, what="progress")
        except Exception as error:  # noqa: BLE001 it is raised where somebody looks on
            failure = error
        finally:
            self._drop(key, watch)
            watch.end(failure)

    async def _read(self, key: tuple[int, UUID]) -> CycleProgress | None:
        network_id, cycle_id = key
        async with self._database.reading(network_id) as db:
            found = await read_cycle_progress(db, network_id=network_id, cycle_ids=[cycle_id])
        return found.get(cycle_id)
