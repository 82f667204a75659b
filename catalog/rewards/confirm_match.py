"""Deciding that two rewards are the same product."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import Change, ChangeKind, note_changes
from catalog.rewards.errors import RewardMatchConflict
from catalog.rewards.fold_rewards import fold_rewards
from catalog.rewards.lock_pair import lock_pair
from catalog.rewards.model import MatchState
from catalog.rewards.note_sources import note_sources
from catalog.rewards.save_decision import save_decision


async def confirm_match(
    db: AsyncConnection, *, network_id: int, match_id: UUID, actor: str, now: datetime
) -> None:
    """Sell the later of two rewards as the earlier one from now on; it is listed no more.

    Confirming again changes nothing. Raises RewardMatchNotFound, and RewardMatchConflict when the
    later one is sold as a third, or the earlier one is off sale.
    """
    pair, lead_id, sold_as = await lock_pair(db, network_id=network_id, match_id=match_id)
    if pair.state is MatchState.MATCHED:
        return
    if sold_as != lead_id:
        is_free = sold_as == pair.source_id
        if not is_free or not await fold_rewards(
            db, network_id=network_id, leads={pair.source_id: lead_id}
        ):
            raise RewardMatchConflict
        change = Change(pair.source_id, ChangeKind.WITHDRAWN)
        await note_changes(db, network_id=network_id, changes=[change], now=now)
        gained = {pair.source_id: lead_id}
        await note_sources(db, network_id=network_id, moved=gained, now=now)
    await save_decision(
        db,
        network_id=network_id,
        match_id=match_id,
        state=MatchState.MATCHED,
        actor=actor,
        now=now,
    )
