"""Telling what became of the availability of items."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import (
    Availability,
    Said,
    SaidBy,
    best_of,
    read_levels,
    save_availability,
)
from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.list_sold_as import list_sold_as
from catalog.rewards.list_source_ids import list_source_ids


async def tell_availability(
    db: AsyncConnection,
    *,
    network_id: int,
    said: Sequence[Said],
    said_by: SaidBy,
    published: Collection[UUID] = (),
    now: datetime,
) -> frozenset[UUID]:
    """Let what is said of items count where it is newer, and note which rewards it changes.

    A reward that is sold from several items changes when the best of them does. Of those that this
    transaction publishes nothing is noted: their being on sale is told anyhow. Gives the rewards
    whose availability is another than before.
    """
    before = await save_availability(db, network_id=network_id, said=said, said_by=said_by, now=now)
    leads = await list_sold_as(db, network_id=network_id, item_ids=before)
    leads -= set(published)
    sources = await list_source_ids(db, network_id=network_id, reward_ids=leads)
    items = {item for some in sources.values() for item in some}
    after = await read_levels(db, network_id=network_id, reward_ids=items)
    changed = frozenset(
        lead
        for lead, some in sources.items()
        if _best(some, after) is not _best(some, {**after, **before})
    )
    changes = [Change(lead, ChangeKind.AVAILABILITY) for lead in sorted(changed)]
    await note_changes(db, network_id=network_id, changes=changes, now=now)
    return changed


def _best(items: Sequence[UUID], levels: Mapping[UUID, Availability]) -> Availability:
    return best_of(levels[item] for item in items)
