"""Taking a reward off the lists."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.tables import reward_market
from catalog.search import unfile_rewards


async def take_off_lists(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, kind: ChangeKind, now: datetime
) -> bool:
    """Let a reward be listed and found no longer, and tell who follows; False if it was not listed.

    Nobody is told of what was not listed.
    """
    gone = await db.execute(
        delete(reward_market)
        .where(reward_market.c.network_id == network_id, reward_market.c.reward_id == reward_id)
        .returning(reward_market.c.country)
    )
    if gone.first() is None:
        return False
    await note_changes(db, network_id=network_id, changes=[Change(reward_id, kind)], now=now)
    await unfile_rewards(db, network_id=network_id, reward_ids=[reward_id])
    return True
