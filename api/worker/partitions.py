"""Making partitions of the ledger ahead of time, and knowing how far ahead they reach."""

from dataclasses import dataclass
from datetime import UTC

import structlog

from api.database.transaction import PLATFORM_NETWORK_ID
from api.worker.world import World
from payouts.ledger import (
    PARTITIONED_TABLES,
    Partitioning,
    make_partition,
    month_after,
    read_unplaced_bytes,
)

MONTHS_AHEAD = 3
_log = structlog.get_logger("mizan.partitions")


@dataclass(slots=True)
class PartitionsAhead:
    """What this process's worker found when it last looked."""

    _months: int | None = None
    _unplaced_bytes: int | None = None

    async def make(self, world: World, network_id: int) -> int:
        """Make what is missing for this month and the next ones, each in its own transaction.

        Tells how many were made. A month that cannot have one now is told, and is tried again.
        """
        month = world.clock.now().astimezone(UTC).date().replace(day=1)
        made, ahead, is_unbroken = 0, 0, True
        for number in range(MONTHS_AHEAD + 1):
            for table in PARTITIONED_TABLES:
                async with world.database.writing(PLATFORM_NETWORK_ID) as db:
                    found = await make_partition(db, table=table, month=month)
                made += found is Partitioning.MADE
                if not found.is_there:
                    is_unbroken = is_unbroken and number == 0
                    _log.error("a month has no partition", table=table, month=month, why=found)
            ahead += number > 0 and is_unbroken
            month = month_after(month)
        async with world.database.reading(PLATFORM_NETWORK_ID) as db:
            self._unplaced_bytes = await read_unplaced_bytes(db)
        self._months = ahead
        return made

    def months(self) -> float | None:
        """Tell how many coming months have partitions; None when this process never looked."""
        return self._months

    def unplaced_bytes(self) -> float | None:
        """Tell how much lies in no month's partition; None when this process never looked."""
        return self._unplaced_bytes
