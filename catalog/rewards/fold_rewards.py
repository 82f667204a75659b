"""Selling a reward's item as another reward."""

from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.model import LEADING, RewardState
from catalog.rewards.tables import reward, reward_market
from catalog.search import unfile_rewards


async def fold_reward(
    db: AsyncConnection, *, network_id: int, source_id: UUID, lead_id: UUID
) -> bool:
    """Sell an item, and all that was sold as it, as another reward from now on.

    It is listed and found no more; its versions stay, and what the network retired stays retired. A
    lead that is paused or suspended holds it back with itself. False, and nothing changes, when the
    other does not lead, or when the item itself is paused, suspended or retiring.
    """
    locked = await db.execute(
        select(reward.c.reward_id, reward.c.state, reward.c.fills_id)
        .where(reward.c.network_id == network_id, reward.c.reward_id.in_([source_id, lead_id]))
        .order_by(reward.c.reward_id)
        .with_for_update(key_share=True)
    )
    found = {row.reward_id: row for row in locked}
    lead = found[lead_id]
    if lead.state not in LEADING or lead.fills_id is not None:
        return False
    if found[source_id].state in LEADING and found[source_id].state != RewardState.ACTIVE:
        return False
    # Read after the lock: nothing begins to be sold as the source any more.
    rows = await db.execute(
        select(reward.c.reward_id, reward.c.state).where(
            reward.c.network_id == network_id,
            or_(reward.c.reward_id == source_id, reward.c.fills_id == source_id),
        )
    )
    states = {row.reward_id: row.state for row in rows}
    sold = [key for key, state in states.items() if state == RewardState.ACTIVE]
    await _point(db, network_id, [key for key in states if key not in sold], fills_id=lead_id)
    await _point(db, network_id, sold, fills_id=lead_id, state=RewardState.MATCHED.value)
    await db.execute(
        delete(reward_market).where(
            reward_market.c.network_id == network_id, reward_market.c.reward_id.in_(sold)
        )
    )
    await unfile_rewards(db, network_id=network_id, reward_ids=sold)
    return True


async def _point(
    db: AsyncConnection, network_id: int, reward_ids: list[UUID], **values: object
) -> None:
    if reward_ids:
        await db.execute(
            update(reward)
            .where(reward.c.network_id == network_id, reward.c.reward_id.in_(reward_ids))
            .values(**values)
        )
