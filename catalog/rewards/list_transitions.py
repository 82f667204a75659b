"""Listing the transitions of a reward."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.lifecycle import RewardTransition
from catalog.rewards.rows import read_transition
from catalog.rewards.tables import reward_transition


async def list_transitions(
    db: AsyncConnection,
    *,
    network_id: int,
    reward_id: UUID,
    after: int | None = None,
    before: int | None = None,
    newest_first: bool = False,
    limit: int,
) -> list[RewardTransition]:
    """List what commands made of a reward, by their numbers."""
    number = reward_transition.c.number
    found = select(reward_transition).where(
        reward_transition.c.network_id == network_id, reward_transition.c.reward_id == reward_id
    )
    if after is not None:
        found = found.where(number > after)
    if before is not None:
        found = found.where(number < before)
    order = number.desc() if newest_first else number.asc()
    rows = await db.execute(found.order_by(order).limit(limit))
    return [read_transition(row) for row in rows]
