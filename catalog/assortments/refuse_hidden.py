"""Refusing what a member is not shown."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.assortments.find_viewer import find_viewer
from catalog.assortments.queries import find_shown
from catalog.rewards import RewardNotFound


async def refuse_hidden(
    db: AsyncConnection, *, network_id: int, member_id: UUID, reward_id: UUID, now: datetime
) -> None:
    """Refuse a reward that a member is not shown now, as one that does not exist.

    Changes nothing. Raises RewardNotFound, MemberNotFound.
    """
    viewer = await find_viewer(db, network_id=network_id, member_id=member_id)
    shown = await find_shown(
        db, network_id=network_id, viewer=viewer, reward_ids=[reward_id], now=now
    )
    if reward_id not in shown:
        raise RewardNotFound(reward_id=reward_id)
