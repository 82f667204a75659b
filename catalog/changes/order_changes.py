"""Putting changes in order."""

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes.tables import change_head, reward_change

CHANGES_AT_ONCE = 5_000


async def order_changes(db: AsyncConnection, *, network_id: int) -> int:
    """Give every committed change without a place the next one; tell how many got theirs.

    Until this transaction ends nobody else orders the same network's, so places become visible
    in their order: what is committed later always comes behind what a reader has seen. At most
    CHANGES_AT_ONCE; so many mean that there may be more.
    """
    unplaced = (
        select(reward_change.c.reward_change_id)
        .where(reward_change.c.network_id == network_id, reward_change.c.place.is_(None))
        .order_by(reward_change.c.reward_change_id)
        .limit(CHANGES_AT_ONCE)
    )
    if (await db.execute(unplaced.limit(1))).first() is None:
        return 0
    last_place = await _lock_head(db, network_id)
    # Read behind the lock: whoever had it before has committed what it placed.
    waiting = unplaced.subquery("waiting")
    numbered = select(
        waiting.c.reward_change_id,
        func.row_number().over(order_by=waiting.c.reward_change_id).label("number"),
    ).subquery("numbered")
    placed = await db.execute(
        update(reward_change)
        .where(
            reward_change.c.network_id == network_id,
            reward_change.c.reward_change_id == numbered.c.reward_change_id,
        )
        .values(place=literal(last_place) + numbered.c.number)
    )
    await db.execute(
        update(change_head)
        .where(change_head.c.network_id == network_id)
        .values(last_place=last_place + placed.rowcount)
    )
    return placed.rowcount


async def _lock_head(db: AsyncConnection, network_id: int) -> int:
    await db.execute(
        insert(change_head).values(network_id=network_id, last_place=0).on_conflict_do_nothing()
    )
    locked = await db.execute(
        select(change_head.c.last_place)
        .where(change_head.c.network_id == network_id)
        .with_for_update()
    )
    last_place: int = locked.scalar_one()
    return last_place
