"""Announcing that rewards retire."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.errors import RewardTimeInvalid, RewardWithdrawn
from catalog.rewards.lifecycle import RETIRE_KIND, RewardCommand, leads_on
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import Reward, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.put_on_lists import put_on_lists
from catalog.rewards.queries import get_reward
from payouts.due import announce_due


async def announce_retirement(
    db: AsyncConnection,
    *,
    network_id: int,
    reward_id: UUID,
    sunset_at: datetime,
    actor: str,
    now: datetime,
) -> Reward:
    """Say until when a reward can be got: it is listed until then, with that said, and retires.

    A paused one is on sale again until then. Announcing another instant moves it; the same one
    changes nothing. Raises RewardNotFound, RewardStateConflict, RewardTimeInvalid, and
    RewardWithdrawn for what its supplier no longer offers.
    """
    if sunset_at <= now:
        raise RewardTimeInvalid(path=("sunset_at",))
    # What is due is locked before the reward, as by the clock that does it.
    await announce_due(
        db, network_id=network_id, kind=RETIRE_KIND, due_id=reward_id, due_at=sunset_at
    )
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id)
    leads_on(RewardCommand.ANNOUNCE_RETIREMENT, found.state)
    if found.sunset_at == sunset_at:
        return found
    if found.is_withdrawn:
        raise RewardWithdrawn(path=("reward_id",))
    await move_reward(
        db,
        network_id=network_id,
        moved=found,
        command=RewardCommand.ANNOUNCE_RETIREMENT,
        state=RewardState.RETIRING,
        actor=actor,
        effective_at=sunset_at,
        now=now,
    )
    if not found.is_listed(now):
        return await put_on_lists(
            db, network_id=network_id, reward_id=reward_id, kind=ChangeKind.RETIRING, now=now
        )
    change = Change(reward_id, ChangeKind.RETIRING, found.version)
    await note_changes(db, network_id=network_id, changes=[change], now=now)
    return await get_reward(db, network_id=network_id, reward_id=reward_id)
