"""Locking a reward."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.errors import RewardNotFound
from catalog.rewards.model import Reward
from catalog.rewards.queries import get_reward
from catalog.rewards.tables import reward


async def lock_reward(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, partner_id: UUID | None = None
) -> Reward:
    """Tell a reward, and keep it in its state until the transaction ends.

    Whoever is selling it at this moment is waited for (see pin_state). A partner that is named
    finds only its own, and no draft. Raises RewardNotFound.
    """
    own = [] if partner_id is None else [reward.c.partner_id == partner_id]
    locked = await db.execute(
        select(reward.c.reward_id)
        .where(reward.c.network_id == network_id, reward.c.reward_id == reward_id, *own)
        .with_for_update()
    )
    if locked.first() is None:
        raise RewardNotFound(path=("reward_id",), reward_id=reward_id)
    # Read behind the lock: whoever had it before has committed.
    found = await get_reward(db, network_id=network_id, reward_id=reward_id)
    if partner_id is not None and not found.state.is_public:
        raise RewardNotFound(path=("reward_id",), reward_id=reward_id)
    return found
