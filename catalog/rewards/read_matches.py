"""Reading matches by id."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.model import MatchState, RewardMatch
from catalog.rewards.tables import reward_match


async def read_matches(
    db: AsyncConnection, *, network_id: int, match_ids: Collection[UUID]
) -> dict[UUID, RewardMatch]:
    """Tell matches by id; absent ones are left out."""
    rows = await db.execute(
        select(reward_match).where(
            reward_match.c.network_id == network_id, reward_match.c.reward_match_id.in_(match_ids)
        )
    )
    return {row.reward_match_id: _match(row) for row in rows}


def _match(row: Any) -> RewardMatch:
    return RewardMatch(
        reward_match_id=row.reward_match_id,
        reward_id=row.reward_id,
        source_id=row.source_id,
        state=MatchState(row.state),
        reasons=tuple(row.reasons),
        found_at=row.found_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
