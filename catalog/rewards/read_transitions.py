"""Reading transitions of rewards."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.lifecycle import RewardTransition
from catalog.rewards.rows import read_transition
from catalog.rewards.tables import reward_transition


async def read_transitions(
    db: AsyncConnection, *, network_id: int, transition_ids: Collection[UUID]
) -> dict[UUID, RewardTransition]:
    """Tell transitions by id; absent ones are left out."""
    key = reward_transition.c.reward_transition_id
    rows = await db.execute(
        select(reward_transition).where(
            reward_transition.c.network_id == network_id,
            key == any_(cast(list(transition_ids), ARRAY(Uuid))),
        )
    )
    return {row.reward_transition_id: read_transition(row) for row in rows}
