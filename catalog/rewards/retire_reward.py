"""Retiring rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.model import Reward, RewardState
from catalog.rewards.queries import get_reward
from catalog.rewards.tables import reward, reward_market
from catalog.search import unfile_rewards


async def retire_reward(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, now: datetime
) -> Reward:
    """Take a reward off sale everywhere; what was got of it stays valid. Raises RewardNotFound.

    No import of a catalogue brings it back, nor what other suppliers sell as it. Retiring it
    again changes nothing.
    """
    retired = await db.execute(
        update(reward)
        .where(
            reward.c.network_id == network_id,
            reward.c.reward_id == reward_id,
            or_(reward.c.state != RewardState.RETIRED.value, reward.c.is_withdrawn),
        )
        .values(state=RewardState.RETIRED.value, retired_at=now, is_withdrawn=False)
        .returning(reward.c.reward_id)
    )
    if retired.first() is not None:
        await db.execute(
            delete(reward_market).where(
                reward_market.c.network_id == network_id, reward_market.c.reward_id == reward_id
            )
        )
        change = Change(reward_id, ChangeKind.RETIRED)
        await note_changes(db, network_id=network_id, changes=[change], now=now)
        await unfile_rewards(db, network_id=network_id, reward_ids=[reward_id])
    return await get_reward(db, network_id=network_id, reward_id=reward_id)
