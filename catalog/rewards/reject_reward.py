"""Rejecting rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.errors import RewardSubmitterDecides
from catalog.rewards.find_submitter import find_submitter
from catalog.rewards.lifecycle import RewardCommand, check_reason, leads_on
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import Reward, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.queries import get_reward


async def reject_reward(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, reason: str, actor: str, now: datetime
) -> Reward:
    """Refuse a version that was submitted, for ever; a revision makes another, a draft again.

    Rejecting it again changes nothing. Raises RewardNotFound, RewardStateConflict,
    RewardSubmitterDecides, RewardReasonInvalid.
    """
    said = check_reason(reason)
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id)
    if not leads_on(RewardCommand.REJECT, found.state):
        return found
    submitter = await find_submitter(db, network_id=network_id, reward_id=reward_id)
    if submitter == actor:
        raise RewardSubmitterDecides(path=("reward_id",))
    await move_reward(
        db,
        network_id=network_id,
        moved=found,
        command=RewardCommand.REJECT,
        state=RewardState.REJECTED,
        actor=actor,
        reason=said,
        submitted_by=submitter,
        now=now,
    )
    return await get_reward(db, network_id=network_id, reward_id=reward_id)
