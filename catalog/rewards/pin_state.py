"""Keeping a reward in its state."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.errors import RewardNotFound
from catalog.rewards.model import RewardState
from catalog.rewards.tables import reward


async def pin_state(db: AsyncConnection, *, network_id: int, reward_id: UUID) -> RewardState:
    """Tell the state of a reward, and let no command change it until the transaction ends.

    Any number may do so at once: whoever sells does not wait for others who sell, and a pause
    comes before a sale or after it, never in between. Nor does a sale wait for an import, which may
    take seconds: it changes no key of the row. Raises RewardNotFound.
    """
    found = await db.execute(
        select(reward.c.state)
        .where(reward.c.network_id == network_id, reward.c.reward_id == reward_id)
        .with_for_update(read=True, key_share=True)
    )
    state = found.scalar_one_or_none()
    if state is None:
        raise RewardNotFound(reward_id=reward_id)
    return RewardState(state)
