"""Filing rewards for the search as they are on sale."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.entries import entry_of
from catalog.rewards.facts import is_listed
from catalog.rewards.queries import get_rewards
from catalog.rewards.tables import reward
from catalog.search import file_rewards


async def file_published(
    db: AsyncConnection, *, network_id: int, reward_ids: Collection[UUID], now: datetime
) -> None:
    """Make those of these rewards that are on sale found as they are now, in a few statements."""
    if not reward_ids:
        return
    # Held until the end, so that what is taken off sale meanwhile is not filed after that.
    active = await db.execute(
        select(reward.c.reward_id)
        .where(
            reward.c.network_id == network_id,
            reward.c.reward_id == any_(cast(list(reward_ids), ARRAY(Uuid))),
            is_listed(now),
        )
        .order_by(reward.c.reward_id)
        .with_for_update(read=True)
    )
    rewards = await get_rewards(db, network_id=network_id, reward_ids=list(active.scalars()))
    entries = [entry_of(one) for one in rewards.values()]
    await file_rewards(db, network_id=network_id, entries=entries, now=now)
