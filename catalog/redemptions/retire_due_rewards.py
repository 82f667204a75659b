"""Retiring rewards whose sunset has come."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.list_held_rewards import list_held_rewards
from catalog.rewards import RETIRE_KIND, begin_sunset, end_sunset
from payouts.due import claim_due, clear_due

LEASE_SECONDS = 60


async def retire_due_rewards(
    db: AsyncConnection, *, network_id: int, limit: int, now: datetime
) -> int:
    """Take rewards off the lists at their sunset, and retire them; tell how many were looked at.

    One that a quote or an order still hangs on is off the lists, but retires only after that: it is
    looked at again in a minute.
    """
    due_ids = await claim_due(
        db,
        network_id=network_id,
        kind=RETIRE_KIND,
        limit=limit,
        lease_seconds=LEASE_SECONDS,
        now=now,
    )
    gone = await begin_sunset(db, network_id=network_id, reward_ids=due_ids, now=now)
    held = await list_held_rewards(
        db, network_id=network_id, reward_ids=[one.reward_id for one in gone], now=now
    )
    for one in gone:
        if one.reward_id not in held:
            await end_sunset(db, network_id=network_id, gone=one, now=now)
    for due_id in due_ids:
        # What was retired before, or is not retiring any more, is struck off as well.
        if due_id not in held:
            await clear_due(db, network_id=network_id, kind=RETIRE_KIND, due_id=due_id)
    return len(due_ids)
