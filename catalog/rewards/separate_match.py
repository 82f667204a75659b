"""Deciding that two rewards are different products."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.lock_pair import lock_pair
from catalog.rewards.model import MatchState
from catalog.rewards.note_sources import note_sources
from catalog.rewards.save_decision import save_decision
from catalog.rewards.unfold_reward import unfold_reward


async def separate_match(
    db: AsyncConnection, *, network_id: int, match_id: UUID, actor: str, now: datetime
) -> None:
    """Keep two rewards apart for ever, whatever is imported; sold as one, they are two again.

    Of two the one that is sold as the other, or the later one when both are sold as a third, is
    listed by itself. Quotes and orders of before stay as they were. Raises RewardMatchNotFound.
    """
    pair, lead_id, sold_as = await lock_pair(db, network_id=network_id, match_id=match_id)
    if pair.state is MatchState.SEPARATE:
        return
    if sold_as == lead_id:
        leads = sold_as == pair.source_id
        apart = pair.reward_id if leads else pair.source_id
        await unfold_reward(db, network_id=network_id, source_id=apart, now=now)
        await note_sources(db, network_id=network_id, moved={apart: sold_as}, now=now)
    await save_decision(
        db,
        network_id=network_id,
        match_id=match_id,
        state=MatchState.SEPARATE,
        actor=actor,
        now=now,
    )
