"""Selling a reward by itself again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.file_published import file_published
from catalog.rewards.model import RewardState
from catalog.rewards.queries import get_reward
from catalog.rewards.rows import market_rows
from catalog.rewards.tables import reward, reward_market


async def unfold_reward(
    db: AsyncConnection,
    *,
    network_id: int,
    source_id: UUID,
    state: RewardState = RewardState.ACTIVE,
    now: datetime,
) -> None:
    """Let a reward that was sold as another be one of its own, listed and found where it is offered.

    What was off sale stays so, and with `state` it is paused or suspended instead. A reward of its
    own stays as it is.
    """
    locked = await db.execute(
        select(reward.c.state, reward.c.fills_id)
        .where(reward.c.network_id == network_id, reward.c.reward_id == source_id)
        .with_for_update(key_share=True)
    )
    row = locked.one()
    if row.fills_id is None:
        return
    is_sold = row.state == RewardState.MATCHED
    await db.execute(
        update(reward)
        .where(reward.c.network_id == network_id, reward.c.reward_id == source_id)
        .values(fills_id=None, state=state.value if is_sold else row.state)
    )
    if not is_sold or state.is_interrupted:
        return
    shown = await get_reward(db, network_id=network_id, reward_id=source_id)
    rows = market_rows(
        network_id=network_id,
        reward_id=source_id,
        kind=shown.kind,
        rank=shown.rank,
        countries=shown.countries,
    )
    await db.execute(insert(reward_market), rows)
    change = Change(source_id, ChangeKind.PUBLISHED, shown.version)
    await note_changes(db, network_id=network_id, changes=[change], now=now)
    await file_published(db, network_id=network_id, reward_ids=[source_id], now=now)
