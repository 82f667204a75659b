"""Noting what a source more or less makes of a reward's availability."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import best_of, read_levels
from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.list_sold_as import list_sold_as
from catalog.rewards.list_source_ids import list_source_ids


async def note_sources(
    db: AsyncConnection, *, network_id: int, moved: Mapping[UUID, UUID], now: datetime
) -> None:
    """Note which rewards have another availability with these sources than without them.

    `moved` are items by the reward as which they are sold since, or were until now. Of those
    rewards the ones on sale are told.
    """
    leads = await list_sold_as(db, network_id=network_id, item_ids=set(moved.values()))
    leads.intersection_update(moved.values())
    sources = await list_source_ids(db, network_id=network_id, reward_ids=leads)
    items = {item for some in sources.values() for item in some}.union(moved)
    levels = await read_levels(db, network_id=network_id, reward_ids=items if leads else ())
    changed = []
    for lead, some in sorted(sources.items()):
        own = [levels[item] for item, sold_as in moved.items() if sold_as == lead]
        others = [levels[item] for item in some if item not in moved]
        if best_of(others) is not best_of(others + own):
            changed.append(Change(lead, ChangeKind.AVAILABILITY))
    await note_changes(db, network_id=network_id, changes=changed, now=now)
