"""Listing what may be the same product."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.model import MatchState, RewardMatch
from catalog.rewards.read_matches import read_matches
from catalog.rewards.tables import reward_match


async def list_matches(
    db: AsyncConnection,
    *,
    network_id: int,
    state: MatchState,
    limit: int,
    after: UUID | None = None,
    backward: bool = False,
) -> list[RewardMatch]:
    """List the pairs in a state, the first found first or, `backward`, last; from a place on."""
    key = reward_match.c.reward_match_id
    ids = select(key).where(
        reward_match.c.network_id == network_id, reward_match.c.state == state.value
    )
    if after is not None:
        ids = ids.where(key < after if backward else key > after)
    ids = ids.order_by(key.desc() if backward else key).limit(limit)
    found = list((await db.execute(ids)).scalars())
    matches = await read_matches(db, network_id=network_id, match_ids=found)
    return [matches[one] for one in found]
