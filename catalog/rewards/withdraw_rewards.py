"""Withdrawing rewards."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.model import RewardState
from catalog.rewards.tables import reward, reward_market
from catalog.search import unfile_rewards


async def withdraw_rewards(
    db: AsyncConnection, *, network_id: int, reward_ids: Sequence[UUID], now: datetime
) -> list[UUID]:
    """Take off sale what its supplier no longer offers; tell which of them were on sale."""
    if not reward_ids:
        return []
    found = await db.execute(
        update(reward)
        .where(
            reward.c.network_id == network_id,
            reward.c.reward_id == any_(cast(list(reward_ids), ARRAY(Uuid))),
            reward.c.state == RewardState.ACTIVE.value,
        )
        .values(state=RewardState.RETIRED.value, retired_at=now, is_withdrawn=True)
        .returning(reward.c.reward_id)
    )
    gone = sorted(row.reward_id for row in found)
    await db.execute(
        delete(reward_market).where(
            reward_market.c.network_id == network_id,
            reward_market.c.reward_id == any_(cast(gone, ARRAY(Uuid))),
        )
    )
    await unfile_rewards(db, network_id=network_id, reward_ids=gone)
    changes = [Change(reward_id, ChangeKind.WITHDRAWN) for reward_id in gone]
    await note_changes(db, network_id=network_id, changes=changes, now=now)
    return gone
