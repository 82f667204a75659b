"""Listing what rewards are bought from."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.model import Reward, RewardState
from catalog.rewards.queries import get_rewards
from catalog.rewards.tables import reward

SOURCES_MAX = 2_000


async def list_sources(
    db: AsyncConnection, *, network_id: int, shown: Collection[Reward]
) -> dict[UUID, list[Reward]]:
    """List the suppliers' items that rewards are sold from: each its own first, then by age.

    Each is a reward in its current version. One that is bought from nobody has none. One statement
    where no reward has another source than its own.
    """
    sources = {one.reward_id: [one] for one in shown if one.supplier is not None}
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
        .limit(SOURCES_MAX)
    )
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in rows:
        found[row.fills_id].append(row.reward_id)
    ids = [key for keys in found.values() for key in keys]
    others = await get_rewards(db, network_id=network_id, reward_ids=ids)
    for lead_id, keys in found.items():
        sources[lead_id] += [others[key] for key in keys]
    return sources
