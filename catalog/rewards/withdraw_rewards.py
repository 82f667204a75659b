"""Withdrawing rewards."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, case, cast, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.model import INTERRUPTED, ON_SALE, RewardState
from catalog.rewards.note_sources import note_sources
from catalog.rewards.promote_sources import promote_sources
from catalog.rewards.tables import reward, reward_market
from catalog.search import unfile_rewards


async def withdraw_rewards(
    db: AsyncConnection, *, network_id: int, reward_ids: Sequence[UUID], now: datetime
) -> list[UUID]:
    """Take off sale what its supplier no longer offers; tell which of them it offered until now.

    Where others' items are sold as one of them, the oldest of those leads from now on. What is
    paused or suspended stays so, and comes back with its supplier's word alone no more than without
    it. What is retiring is retired, for good, as was announced.
    """
    if not reward_ids:
        return []
    is_interrupted = reward.c.state.in_(INTERRUPTED)
    is_retiring = reward.c.state == RewardState.RETIRING.value
    found = await db.execute(
        update(reward)
        .where(
            reward.c.network_id == network_id,
            reward.c.reward_id == any_(cast(list(reward_ids), ARRAY(Uuid))),
            reward.c.state.in_([*ON_SALE, *INTERRUPTED]),
            ~reward.c.is_withdrawn,
        )
        .values(
            state=case((is_interrupted, reward.c.state), else_=RewardState.RETIRED.value),
            retired_at=case((is_interrupted, reward.c.retired_at), else_=now),
            is_withdrawn=~is_retiring,
            sunset_at=None,
        )
        .returning(reward.c.reward_id, reward.c.fills_id, reward.c.state)
    )
    rows = {row.reward_id: row for row in found}
    # What was sold as another reward was neither listed nor found, nor is what is paused.
    seen = [
        reward_id
        for reward_id in sorted(rows)
        if rows[reward_id].fills_id is None and rows[reward_id].state == RewardState.RETIRED
    ]
    await db.execute(
        delete(reward_market).where(
            reward_market.c.network_id == network_id,
            reward_market.c.reward_id == any_(cast(seen, ARRAY(Uuid))),
        )
    )
    await unfile_rewards(db, network_id=network_id, reward_ids=seen)
    changes = [Change(reward_id, ChangeKind.WITHDRAWN) for reward_id in seen]
    await note_changes(db, network_id=network_id, changes=changes, now=now)
    lost = {key: row.fills_id for key, row in rows.items() if row.fills_id is not None}
    await note_sources(db, network_id=network_id, moved=lost, now=now)
    await promote_sources(db, network_id=network_id, lead_ids=seen, now=now)
    return sorted(rows)
