"""Reads of the catalogue's changes."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes.model import ChangeKind, ChangePage, RewardChange
from catalog.changes.tables import change_head, reward_change


async def read_last_place(db: AsyncConnection, *, network_id: int) -> int:
    """Tell the place of the newest change in the order; 0 when nothing ever changed."""
    row = await db.execute(
        select(change_head.c.last_place).where(change_head.c.network_id == network_id)
    )
    return row.scalar() or 0


async def list_changes(
    db: AsyncConnection,
    *,
    network_id: int,
    limit: int,
    after: int = 0,
    before: int | None = None,
    backward: bool = False,
) -> ChangePage:
    """List changes between two places, the oldest first, or `backward` the newest first."""
    last_place = await read_last_place(db, network_id=network_id)
    place = reward_change.c.place
    found = select(
        place,
        reward_change.c.reward_id,
        reward_change.c.kind,
        reward_change.c.version,
        reward_change.c.changed_at,
        reward_change.c.programme_id,
    ).where(reward_change.c.network_id == network_id, place > after)
    if before is not None:
        found = found.where(place < before)
    rows = await db.execute(found.order_by(place.desc() if backward else place).limit(limit))
    changes = tuple(
        RewardChange(
            place=row.place,
            reward_id=row.reward_id,
            kind=ChangeKind(row.kind),
            version=row.version,
            changed_at=row.changed_at,
            programme_id=row.programme_id,
        )
        for row in rows
    )
    return ChangePage(changes, last_place)
