"""Telling as what items are sold."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.model import ON_SALE
from catalog.rewards.tables import reward


async def list_sold_as(
    db: AsyncConnection, *, network_id: int, item_ids: Collection[UUID]
) -> set[UUID]:
    """Tell which rewards these items are on sale as: by themselves, or as what others had before."""
    if not item_ids:
        return set()
    rows = await db.execute(
        select(func.coalesce(reward.c.fills_id, reward.c.reward_id))
        .where(
            reward.c.network_id == network_id,
            reward.c.reward_id == any_(cast(list(item_ids), ARRAY(Uuid))),
            reward.c.state.in_(ON_SALE),
        )
        .distinct()
    )
    return set(rows.scalars())
