"""Locking the two rewards of a match."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.errors import RewardMatchNotFound
from catalog.rewards.model import RewardMatch
from catalog.rewards.read_matches import read_matches
from catalog.rewards.tables import reward


async def lock_pair(
    db: AsyncConnection, *, network_id: int, match_id: UUID
) -> tuple[RewardMatch, UUID, UUID]:
    """Tell a match, as what its reward is sold, and as what its source is; both stay so.

    Raises RewardMatchNotFound.
    """
    found = await read_matches(db, network_id=network_id, match_ids=[match_id])
    if match_id not in found:
        raise RewardMatchNotFound
    pair = found[match_id]
    rows = await db.execute(
        select(reward.c.reward_id, reward.c.fills_id)
        .where(
            reward.c.network_id == network_id,
            reward.c.reward_id.in_([pair.reward_id, pair.source_id]),
        )
        .order_by(reward.c.reward_id)
        .with_for_update(key_share=True)
    )
    sold_as = {row.reward_id: row.fills_id or row.reward_id for row in rows}
    # Once more: another may have decided it while this one waited.
    pair = (await read_matches(db, network_id=network_id, match_ids=[match_id]))[match_id]
    return pair, sold_as[pair.reward_id], sold_as[pair.source_id]
