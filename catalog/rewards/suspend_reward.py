"""Suspending rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import ChangeKind
from catalog.rewards.lifecycle import RewardCommand, check_reason, leads_on
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import Reward, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.queries import get_reward
from catalog.rewards.take_off_lists import take_off_lists


async def suspend_reward(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, reason: str, actor: str, now: datetime
) -> Reward:
    """Take a reward off sale until the network itself reinstates it; what was got of it goes on.

    A suspension is about the product: what other suppliers sell as it, now or later, is not listed
    instead. Suspending it again changes nothing. Raises RewardNotFound, RewardStateConflict,
    RewardReasonInvalid.
    """
    said = check_reason(reason)
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id)
    if not leads_on(RewardCommand.SUSPEND, found.state):
        return found
    await move_reward(
        db,
        network_id=network_id,
        moved=found,
        command=RewardCommand.SUSPEND,
        state=RewardState.SUSPENDED,
        actor=actor,
        reason=said,
        now=now,
    )
    await take_off_lists(
        db, network_id=network_id, reward_id=reward_id, kind=ChangeKind.PAUSED, now=now
    )
    return await get_reward(db, network_id=network_id, reward_id=reward_id)
