"""Noting what became of what we count ourselves."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import Availability, Left, LeftOf, count_left
from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.list_sold_as import list_sold_as


async def note_counted(
    db: AsyncConnection, *, network_id: int, before: Mapping[UUID, Left], now: datetime
) -> None:
    """Count again what was counted before this transaction changed it, and note what is told anew.

    Two who take codes at once do not see each other's: of codes of which few are left every change
    is noted, so that nobody misses the last. That a quote expires is a matter of time alone, and
    noted by nobody.
    """
    after = await count_left(db, network_id=network_id, reward_ids=list(before), now=now)
    changed = [key for key, one in after.items() if _is_told(before[key], one)]
    on_sale = await list_sold_as(db, network_id=network_id, item_ids=changed)
    changes = [Change(one, ChangeKind.AVAILABILITY) for one in changed if one in on_sale]
    await note_changes(db, network_id=network_id, changes=changes, now=now)


def _is_told(before: Left, after: Left) -> bool:
    if before.level is not after.level:
        return True
    is_few = after.of is LeftOf.CODES and after.level is not Availability.IN_STOCK
    return is_few and before.pieces != after.pieces
