"""Asking the books every minute whether they keep what guards money, and halting where they do not."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import text

from api.database.transaction import PLATFORM_NETWORK_ID, Database
from api.worker.world import World
from payouts.audit import Breach, find_breaches
from payouts.halts import ALL_NETWORKS, open_halt

LOOK_BACK = timedelta(minutes=15)
"""Longer than any transaction: what began before the last round was committed since."""

WHOLE_EVERY = timedelta(hours=6)
# Less than a job may take, more than everything takes on books of tens of millions of postings.
_LONG_STATEMENTS = text("SET LOCAL statement_timeout = '170s'")
_log = structlog.get_logger("mizan.books")


@dataclass(slots=True)
class BooksWatch:
    """How far this process's worker has looked, and when."""

    _looked_to: datetime | None = None
    _whole_at: datetime | None = None
    _ended_at: float | None = None

    async def look(self, world: World, network_id: int) -> int:
        """Look once, as the auditor, at all networks; each breach halts the network it is in.

        Everything is looked at first, and again every six hours; in between what was written since
        the last time, and what that touched. Running in several workers does no harm.
        """
        if world.auditor is None:
            return 0
        now = world.clock.now()
        since = self._since(now)
        found = await _find(world.auditor, network_id, since, now)
        if any(breach.network_id == ALL_NETWORKS for breach in found):
            # Rows that cannot be seen are counted past the snapshot: those that were committed
            # after it began are seen on the next one.
            again = await _find(world.auditor, network_id, since, now)
            found = [one for one in found if one.network_id != ALL_NETWORKS or one in again]
        for breach in found:
            await _halt(world, breach, now)
        self._looked_to = now
        self._whole_at = now if since is None else self._whole_at
        self._ended_at = time.monotonic()
        return 0

    def age_seconds(self) -> float | None:
        """Tell how long ago the last look ended; None when this process never looked."""
        return None if self._ended_at is None else time.monotonic() - self._ended_at

    def _since(self, now: datetime) -> datetime | None:
        if self._looked_to is None or self._whole_at is None:
            return None
        if not timedelta(0) <= now - self._whole_at < WHOLE_EVERY:
            return None
        return min(self._looked_to, now) - LOOK_BACK


async def _find(
    auditor: Database, network_id: int, since: datetime | None, now: datetime
) -> list[Breach]:
    async with auditor.reading(network_id) as db:
        await db.execute(_LONG_STATEMENTS)
        return await find_breaches(db, since=since, now=now)


async def _halt(world: World, breach: Breach, now: datetime) -> None:
    async with world.database.writing(PLATFORM_NETWORK_ID) as db:
        opened = await open_halt(
            db,
            network_id=breach.network_id,
            invariant=breach.invariant,
            breaches=breach.rows,
            now=now,
        )
    _log.error(
        "the books are broken: payouts and codes stand still",
        network_id=breach.network_id,
        invariant=breach.invariant,
        breaches=breach.rows,
        is_new=opened is not None,
    )
