"""Finding out who submitted a reward."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.lifecycle import RewardCommand
from catalog.rewards.tables import reward_transition


async def find_submitter(db: AsyncConnection, *, network_id: int, reward_id: UUID) -> str:
    """Tell who submitted a reward that is in review; nothing else came after that."""
    found = await db.execute(
        select(reward_transition.c.command, reward_transition.c.actor)
        .where(
            reward_transition.c.network_id == network_id,
            reward_transition.c.reward_id == reward_id,
        )
        .order_by(reward_transition.c.number.desc())
        .limit(1)
    )
    last = found.one()
    assert last.command == RewardCommand.SUBMIT, "what is in review was submitted last"
    actor: str = last.actor
    return actor
