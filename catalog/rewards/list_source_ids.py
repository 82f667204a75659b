"""Telling what rewards are sold from, by id."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.model import RewardState
from catalog.rewards.tables import reward


async def list_source_ids(
    db: AsyncConnection, *, network_id: int, reward_ids: Collection[UUID]
) -> dict[UUID, list[UUID]]:
    """Tell by id what each reward is sold from: itself, and what is on sale as it. One statement."""
    sources = {one: [one] for one in reward_ids}
    if not sources:
        return {}
    rows = await db.execute(
        select(reward.c.fills_id, reward.c.reward_id)
        .where(
            reward.c.network_id == network_id,
            reward.c.fills_id == any_(cast(list(sources), ARRAY(Uuid))),
            reward.c.state == RewardState.MATCHED.value,
        )
        .order_by(reward.c.fills_id, reward.c.reward_id)
    )
    for row in rows:
        sources[row.fills_id].append(row.reward_id)
    return sources
