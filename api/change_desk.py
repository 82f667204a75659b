"""Where the catalogue's changes are followed: each network's are read once, however many follow."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from api.database.transaction import Database
from api.polling import keep_asking
from catalog.changes import (
    ChangePage,
    RewardChange,
    list_changes,
    order_changes,
    read_last_place,
)

POLL_SECONDS = 0.5
KEPT_MAX = 2_000
"""So many of the newest changes are kept for those who follow; who is further behind reads."""
PAGE_MAX = 100
FOLLOWED_BY_ONE_MAX = 20
NETWORKS_MAX = 500


class TooManyFollowed(Exception):
    """This caller, or this process, follows as many catalogues as it may."""


class PlaceNotReached(Exception):
    """Nothing has that place yet, so that nobody can have seen it."""


@dataclass(slots=True)
class _Feed:
    """The newest changes of one network, and those who follow them."""

    last_place: int
    followers: int = 0
    kept: deque[RewardChange] = field(default_factory=lambda: deque(maxlen=KEPT_MAX))
    failure: Exception | None = None
    has_ended: bool = False
    told: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, page: ChangePage) -> None:
        """Keep what is new and wake all who follow."""
        self.kept.extend(page.changes)
        self.last_place = page.changes[-1].place
        self.wake()

    def behind(self, place: int) -> list[RewardChange] | None:
        """The next changes behind a place; None when they are no longer kept."""
        if place >= self.last_place:
            return []
        first = self.kept[0].place if self.kept else self.last_place + 1
        if place + 1 < first:
            return None
        start = place + 1 - first
        return [self.kept[n] for n in range(start, min(start + PAGE_MAX, len(self.kept)))]

    def end(self, failure: Exception | None) -> None:
        """Tell all who follow that nothing more comes."""
        self.has_ended, self.failure = True, failure
        self.wake()

    def wake(self) -> None:
        """Wake all who follow."""
        woken, self.told = self.told, asyncio.Event()
        woken.set()


class ChangeDesk:
    """Tells any number of followers what changes in a network's catalogue; one for each process.

    A followed network is asked once in `poll_seconds`, by one task that ends with its last
    follower. What is committed but has no place yet is ordered right then, worker or not.
    """

    def __init__(self, database: Database, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._database = database
        self._poll_seconds = poll_seconds
        self._feeds: dict[int, _Feed] = {}
        self._followers: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def followed_count(self) -> int:
        """How many networks are being read."""
        return len(self._tasks)

    async def follow(
        self, network_id: int, *, after: int | None, follower: str
    ) -> AsyncGenerator[list[RewardChange]]:
        """Yield the changes behind a place, or from now on, in their order and without end.

        Each list has at most PAGE_MAX. Raises TooManyFollowed, PlaceNotReached.
        """
        if self._followers[follower] >= FOLLOWED_BY_ONE_MAX:
            raise TooManyFollowed
        self._followers[follower] += 1
        feed = None
        try:
            feed = await self._join(network_id)
            place = await self._first_place(network_id, feed, after)
            while found := await self._next(network_id, feed, place):
                place = found[-1].place
                yield found
        finally:
            self._followers -= Counter((follower,))
            if feed is not None:
                self._leave(network_id, feed)

    async def _first_place(self, network_id: int, feed: _Feed, after: int | None) -> int:
        if after is None:
            return feed.last_place
        # The worker may have ordered more than this process has read.
        if after > feed.last_place and after > await self._read_last(network_id):
            raise PlaceNotReached
        return after

    async def _next(self, network_id: int, feed: _Feed, place: int) -> list[RewardChange]:
        """Wait for changes behind a place; none when nothing more comes."""
        while True:
            told, found = feed.told, feed.behind(place)
            if found is None:
                return list((await self._read(network_id, place)).changes)
            if found:
                return found
            if feed.failure is not None:
                raise feed.failure
            if feed.has_ended:
                return []
            await told.wait()

    async def close(self) -> None:
        """End what is followed, and with it what is told."""
        for network_id, feed in list(self._feeds.items()):
            self._drop(network_id, feed)
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _join(self, network_id: int) -> _Feed:
        feed = self._feeds.get(network_id)
        if feed is None:
            last_place = await self._read_last(network_id)
            feed = self._feeds.get(network_id)  # somebody may have been quicker
        if feed is None:
            if len(self._feeds) >= NETWORKS_MAX:
                raise TooManyFollowed
            feed = self._feeds[network_id] = _Feed(last_place)
            task = asyncio.create_task(self._keep_reading(network_id, feed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        feed.followers += 1
        return feed

    def _leave(self, network_id: int, feed: _Feed) -> None:
        feed.followers -= 1
        if not feed.followers:
            self._drop(network_id, feed)

    def _drop(self, network_id: int, feed: _Feed) -> None:
        # Told, not cancelled: a statement that is cut off costs its connection.
        feed.stop.set()
        if self._feeds.get(network_id) is feed:
            del self._feeds[network_id]

    async def _keep_reading(self, network_id: int, feed: _Feed) -> None:
        async def turn() -> float:
            async with self._database.writing(network_id) as db:
                await order_changes(db, network_id=network_id)
                page = await list_changes(
                    db, network_id=network_id, after=feed.last_place, limit=PAGE_MAX
                )
            if page.changes:  # told once they are committed
                feed.add(page)
            return 0 if feed.last_place < page.last_place else self._poll_seconds

        failure = None
        try:
            await keep_asking(turn, feed.stop, pause_seconds=self._poll_seconds, what="changes")
        except Exception as error:  # noqa: BLE001 it is raised where somebody follows
            failure = error
        finally:
            self._drop(network_id, feed)
            feed.end(failure)

    async def _read(self, network_id: int, after: int) -> ChangePage:
        async with self._database.reading(network_id) as db:
            return await list_changes(db, network_id=network_id, after=after, limit=PAGE_MAX)

    async def _read_last(self, network_id: int) -> int:
        async with self._database.reading(network_id) as db:
            return await read_last_place(db, network_id=network_id)
