"""Filing what was on sale before there was a search."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.facts import is_listed
from catalog.rewards.file_published import file_published
from catalog.rewards.tables import reward

BATCH_MAX = 500


async def file_next_rewards(
    db: AsyncConnection, *, network_id: int, after: UUID | None = None, now: datetime
) -> list[UUID]:
    """Make the next rewards on sale found, in the order of their ids; none are left when none are.

    Filing what is filed changes nothing.
    """
    ids = (
        select(reward.c.reward_id)
        .where(reward.c.network_id == network_id, is_listed(now))
        .order_by(reward.c.reward_id)
        .limit(BATCH_MAX)
    )
    if after is not None:
        ids = ids.where(reward.c.reward_id > after)
    found = list((await db.execute(ids)).scalars())
    await file_published(db, network_id=network_id, reward_ids=found, now=now)
    return found
