"""Withdrawing rewards."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.model import RewardState
from catalog.rewards.note_sources import note_sources
from catalog.rewards.promote_sources import promote_sources
from catalog.rewards.tables import reward, reward_market
from catalog.search import unfile_rewards


async def withdraw_rewards(
    db: AsyncConnection, *, network_id: int, reward_ids: Sequence[UUID], now: datetime
) -> list[UUID]:
    """Take off sale what its supplier no longer offers; tell which of them were on sale.

    Where others' items are sold as one of them, the oldest of those leads from now on.
    """
    if not reward_ids:
        return []
    found = await db.execute(
        update(reward)
        .where(
            reward.c.network_id == network_id,
            reward.c.reward_id == any_(cast(list(reward_ids), ARRAY(Uuid))),
            reward.c.state.in_([RewardState.ACTIVE.value, RewardState.MATCHED.value]),
        )
        .values(state=RewardState.RETIRED.value, retired_at=now, is_withdrawn=True)
        .returning(reward.c.reward_id, reward.c.fills_id)
    )
    sold_as = {row.reward_id: row.fills_id for row in found}
    gone = sorted(sold_as)
    # What was sold as another reward was neither listed nor found.
    seen = [reward_id for reward_id in gone if sold_as[reward_id] is None]
    await db.execute(
        delete(reward_market).where(
            reward_market.c.network_id == network_id,
            reward_market.c.reward_id == any_(cast(seen, ARRAY(Uuid))),
        )
    )
    await unfile_rewards(db, network_id=network_id, reward_ids=seen)
    changes = [Change(reward_id, ChangeKind.WITHDRAWN) for reward_id in seen]
    await note_changes(db, network_id=network_id, changes=changes, now=now)
    lost = {source: lead for source, lead in sold_as.items() if lead is not None}
    await note_sources(db, network_id=network_id, moved=lost, now=now)
    await promote_sources(db, network_id=network_id, lead_ids=seen, now=now)
    return gone
