"""Taking back that a reward goes live."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.lifecycle import RewardCommand, leads_on
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import Reward, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.queries import get_reward


async def unschedule_reward(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, actor: str, now: datetime
) -> Reward:
    """Make a scheduled reward a draft again: it goes live no more, and may be revised.

    Unscheduling it again changes nothing. Raises RewardNotFound, RewardStateConflict.
    """
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id)
    if not leads_on(RewardCommand.UNSCHEDULE, found.state):
        return found
    # Its time stays announced: the clock finds nothing to do then, and strikes it off. To strike it
    # off here would lock it behind the reward, and the clock locks the other way round.
    await move_reward(
        db,
        network_id=network_id,
        moved=found,
        command=RewardCommand.UNSCHEDULE,
        state=RewardState.DRAFT,
        actor=actor,
        now=now,
    )
    return await get_reward(db, network_id=network_id, reward_id=reward_id)
