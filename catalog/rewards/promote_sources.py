"""Keeping products on sale whose first supplier gave them up."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from catalog.rewards.model import RewardState
from catalog.rewards.tables import reward
from catalog.rewards.unfold_reward import unfold_reward


async def promote_sources(
    db: AsyncConnection, *, network_id: int, lead_ids: Collection[UUID], now: datetime
) -> None:
    """Where a supplier took off sale what others' items are sold as, let the oldest of them lead.

    What is sold as it then follows, and so does the one that was taken off sale, if it ever comes
    back. What the network itself retired leads on: its sources stay off sale with it.
    """
    if not lead_ids:
        return
    lead = aliased(reward, name="lead")
    rows = await db.execute(
        select(reward.c.fills_id, reward.c.reward_id)
        .join_from(reward, lead, lead.c.reward_id == reward.c.fills_id)
        .where(
            reward.c.network_id == network_id,
            lead.c.network_id == network_id,
            reward.c.fills_id.in_(lead_ids),
            reward.c.state == RewardState.MATCHED.value,
            lead.c.state == RewardState.RETIRED.value,
            lead.c.is_withdrawn,
        )
        .order_by(reward.c.fills_id, reward.c.reward_id)
    )
    heirs: dict[UUID, UUID] = {}
    for row in rows:
        heirs.setdefault(row.fills_id, row.reward_id)
    for lead_id, heir_id in heirs.items():
        await unfold_reward(db, network_id=network_id, source_id=heir_id, now=now)
        await db.execute(
            update(reward)
            .where(
                reward.c.network_id == network_id,
                (reward.c.fills_id == lead_id) | (reward.c.reward_id == lead_id),
            )
            .values(fills_id=heir_id)
        )
