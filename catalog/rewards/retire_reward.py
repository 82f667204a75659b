"""Retiring rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.lifecycle import NOBODY_NAMED, RewardCommand, leads_on
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import Reward, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.queries import get_reward
from catalog.rewards.tables import reward
from catalog.rewards.take_off_lists import take_off_lists


async def retire_reward(
    db: AsyncConnection,
    *,
    network_id: int,
    reward_id: UUID,
    actor: str = NOBODY_NAMED,
    now: datetime,
) -> Reward:
    """Take a reward off sale everywhere at once; what was got of it stays valid.

    No import of a catalogue brings it back, nor what other suppliers sell as it. Retiring it
    again changes nothing. Raises RewardNotFound, and RewardStateConflict for what is reviewed,
    scheduled, rejected or suspended.
    """
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id)
    leads_on(RewardCommand.RETIRE, found.state)
    if found.state is RewardState.RETIRED and not found.is_withdrawn:
        return found
    await db.execute(
        update(reward)
        .where(reward.c.network_id == network_id, reward.c.reward_id == reward_id)
        .values(is_withdrawn=False)
    )
    await move_reward(
        db,
        network_id=network_id,
        moved=found,
        command=RewardCommand.RETIRE,
        state=RewardState.RETIRED,
        actor=actor,
        now=now,
    )
    was_listed = await take_off_lists(
        db, network_id=network_id, reward_id=reward_id, kind=ChangeKind.RETIRED, now=now
    )
    # Who was told that it is off sale for a while, or with its supplier, is told that it stays so.
    if not was_listed and (found.state.is_interrupted or found.state is RewardState.RETIRED):
        change = Change(reward_id, ChangeKind.RETIRED)
        await note_changes(db, network_id=network_id, changes=[change], now=now)
    return await get_reward(db, network_id=network_id, reward_id=reward_id)
