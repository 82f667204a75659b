"""Pausing rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import ChangeKind
from catalog.rewards.lifecycle import RewardCommand, leads_on
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import Reward, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.queries import get_reward
from catalog.rewards.take_off_lists import take_off_lists


async def pause_reward(
    db: AsyncConnection,
    *,
    network_id: int,
    reward_id: UUID,
    partner_id: UUID | None = None,
    actor: str,
    now: datetime,
) -> Reward:
    """Take a reward off sale for a while; what was got of it, and paid for, goes on.

    A pause is about the product: what other suppliers sell as it is not listed instead. A partner
    who is named may pause its own rewards only. Pausing it again changes nothing. Raises
    RewardNotFound, RewardStateConflict.
    """
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id, partner_id=partner_id)
    if not leads_on(RewardCommand.PAUSE, found.state):
        return found
    await move_reward(
        db,
        network_id=network_id,
        moved=found,
        command=RewardCommand.PAUSE,
        state=RewardState.PAUSED,
        actor=actor,
        now=now,
    )
    await take_off_lists(
        db, network_id=network_id, reward_id=reward_id, kind=ChangeKind.PAUSED, now=now
    )
    return await get_reward(db, network_id=network_id, reward_id=reward_id)
