"""Listing what a reward is bought from."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.model import Reward, RewardState
from catalog.rewards.queries import get_rewards
from catalog.rewards.tables import reward

SOURCES_MAX = 50


async def list_sources(db: AsyncConnection, *, network_id: int, shown: Reward) -> list[Reward]:
    """List the suppliers' items that a reward is sold from: its own first, then by age.

    Each is a reward in its current version. One that is bought from nobody has none.
    """
    if shown.supplier is None:
        return []
    ids = await db.execute(
        select(reward.c.reward_id)
        .where(
            reward.c.network_id == network_id,
            reward.c.fills_id == shown.reward_id,
            reward.c.state == RewardState.MATCHED.value,
        )
        .order_by(reward.c.reward_id)
        .limit(SOURCES_MAX)
    )
    found = list(ids.scalars())
    others = await get_rewards(db, network_id=network_id, reward_ids=found)
    return [shown, *(others[key] for key in found)]
