"""Writing down what was decided of a match."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.model import MatchState
from catalog.rewards.tables import reward_match


async def save_decision(
    db: AsyncConnection,
    *,
    network_id: int,
    match_id: UUID,
    state: MatchState,
    actor: str,
    now: datetime,
) -> None:
    """Give a match a state, with who decided it and when."""
    await db.execute(
        update(reward_match)
        .where(reward_match.c.network_id == network_id, reward_match.c.reward_match_id == match_id)
        .values(state=state.value, decided_by=actor, decided_at=now)
    )
