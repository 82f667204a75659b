"""Resuming rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import ChangeKind
from catalog.rewards.lifecycle import RewardCommand, leads_on
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import Reward, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.promote_sources import promote_sources
from catalog.rewards.put_on_lists import put_on_lists
from catalog.rewards.queries import get_reward


async def resume_reward(
    db: AsyncConnection,
    *,
    network_id: int,
    reward_id: UUID,
    partner_id: UUID | None = None,
    actor: str,
    now: datetime,
) -> Reward:
    """End a pause: the reward is on sale again, in the version that was on sale or was imported.

    What its supplier took off sale meanwhile is off sale with it, as if that came now: it is
    retired until the supplier offers it again, and another supplier's item leads if there is one.
    A partner who is named may resume its own rewards only. Resuming it again changes nothing.
    Raises RewardNotFound, RewardStateConflict.
    """
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id, partner_id=partner_id)
    if not leads_on(RewardCommand.RESUME, found.state):
        return found
    await move_reward(
        db,
        network_id=network_id,
        moved=found,
        command=RewardCommand.RESUME,
        state=RewardState.RETIRED if found.is_withdrawn else RewardState.ACTIVE,
        actor=actor,
        now=now,
    )
    if found.is_withdrawn:
        await promote_sources(db, network_id=network_id, lead_ids=[reward_id], now=now)
        return await get_reward(db, network_id=network_id, reward_id=reward_id)
    return await put_on_lists(
        db, network_id=network_id, reward_id=reward_id, kind=ChangeKind.PUBLISHED, now=now
    )
