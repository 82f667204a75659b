"""Listing a reward where it is offered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.entries import entry_of
from catalog.rewards.model import Reward
from catalog.rewards.queries import get_reward
from catalog.rewards.rows import market_rows
from catalog.rewards.tables import reward_market
from catalog.search import file_rewards


async def put_on_lists(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, kind: ChangeKind, now: datetime
) -> Reward:
    """Have a reward listed and found as its current version says, and tell who follows of it."""
    listed = await get_reward(db, network_id=network_id, reward_id=reward_id)
    await db.execute(
        delete(reward_market).where(
            reward_market.c.network_id == network_id, reward_market.c.reward_id == reward_id
        )
    )
    rows = market_rows(
        network_id=network_id,
        reward_id=reward_id,
        kind=listed.kind,
        rank=listed.rank,
        countries=listed.countries,
    )
    await db.execute(insert(reward_market), rows)
    change = Change(reward_id, kind, listed.version)
    await note_changes(db, network_id=network_id, changes=[change], now=now)
    await file_rewards(db, network_id=network_id, entries=[entry_of(listed)], now=now)
    return listed
