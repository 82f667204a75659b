"""Reinstating rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.lifecycle import RewardCommand, leads_on
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import Reward, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.queries import get_reward


async def reinstate_reward(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, actor: str, now: datetime
) -> Reward:
    """End a suspension: the reward is paused, and whoever looks after it may resume it.

    Reinstating it again changes nothing. Raises RewardNotFound, RewardStateConflict.
    """
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id)
    if not leads_on(RewardCommand.REINSTATE, found.state):
        return found
    await move_reward(
        db,
        network_id=network_id,
        moved=found,
        command=RewardCommand.REINSTATE,
        state=RewardState.PAUSED,
        actor=actor,
        now=now,
    )
    return await get_reward(db, network_id=network_id, reward_id=reward_id)
