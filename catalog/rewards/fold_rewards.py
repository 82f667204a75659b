"""Selling rewards' items as other rewards."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, case, cast, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.model import LEADING, RewardState
from catalog.rewards.tables import reward, reward_market
from catalog.search import unfile_rewards


async def fold_rewards(
    db: AsyncConnection, *, network_id: int, leads: Mapping[UUID, UUID]
) -> set[UUID]:
    """Sell items, and all that was sold as them, as these other rewards from now on; tell which are.

    They are listed and found no more; their versions stay, and what the network retired stays
    retired. A lead that is paused or suspended holds what it leads back with itself. Nothing
    changes where the other does not lead, or the item itself is paused, suspended or retiring.
    """
    locked = await db.execute(
        select(reward.c.reward_id, reward.c.state, reward.c.fills_id)
        .where(
            reward.c.network_id == network_id,
            reward.c.reward_id == any_(cast([*leads, *leads.values()], ARRAY(Uuid))),
        )
        .order_by(reward.c.reward_id)
        .with_for_update(key_share=True)
    )
    found = {row.reward_id: row for row in locked}
    led = {
        source_id: lead_id
        for source_id, lead_id in leads.items()
        if found[lead_id].state in LEADING
        and found[lead_id].fills_id is None
        and (found[source_id].state not in LEADING or found[source_id].state == RewardState.ACTIVE)
    }
    if not led:
        return set()
    # Read after the lock: nothing begins to be sold as the sources any more.
    sources = any_(cast(list(led), ARRAY(Uuid)))
    rows = await db.execute(
        select(reward.c.reward_id, reward.c.state, reward.c.fills_id).where(
            reward.c.network_id == network_id,
            or_(reward.c.reward_id == sources, reward.c.fills_id == sources),
        )
    )
    followers = list(rows)
    await _point(
        db,
        network_id,
        {one.reward_id: led.get(one.reward_id) or led[one.fills_id] for one in followers},
    )
    sold = [one.reward_id for one in followers if one.state == RewardState.ACTIVE]
    await db.execute(
        delete(reward_market).where(
            reward_market.c.network_id == network_id,
            reward_market.c.reward_id == any_(cast(sold, ARRAY(Uuid))),
        )
    )
    await unfile_rewards(db, network_id=network_id, reward_ids=sold)
    return set(led)


async def _point(db: AsyncConnection, network_id: int, led: Mapping[UUID, UUID]) -> None:
    moved = (
        func.unnest(cast(list(led), ARRAY(Uuid)), cast(list(led.values()), ARRAY(Uuid)))
        .table_valued("reward_id", "lead_id")
        .render_derived("moved")
    )
    is_on_sale = reward.c.state == RewardState.ACTIVE.value
    await db.execute(
        update(reward)
        .where(reward.c.network_id == network_id, reward.c.reward_id == moved.c.reward_id)
        .values(
            fills_id=moved.c.lead_id,
            state=case((is_on_sale, RewardState.MATCHED.value), else_=reward.c.state),
        )
    )
