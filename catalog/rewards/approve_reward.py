"""Approving rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.errors import RewardNotPublishable, RewardSubmitterDecides
from catalog.rewards.find_submitter import find_submitter
from catalog.rewards.lifecycle import GO_LIVE_KIND, RewardCommand, conflict_of, leads_on
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import OfferTerms, Reward, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.put_on_sale import put_on_sale
from catalog.rewards.queries import get_reward
from payouts.due import announce_due


async def approve_reward(
    db: AsyncConnection,
    *,
    network_id: int,
    reward_id: UUID,
    at: datetime | None = None,
    actor: str,
    now: datetime,
) -> Reward:
    """Put a reviewed reward on sale: at once, or at an instant that is still to come.

    What was submitted is what goes on sale. Approving it again for the same instant changes
    nothing. Raises RewardNotFound, RewardStateConflict, RewardSubmitterDecides, and
    RewardNotPublishable for an offer that is over by then.
    """
    later = at if at is not None and at > now else None
    if later is not None:
        # What is due is locked before the reward, as by the clock that does it.
        await announce_due(
            db, network_id=network_id, kind=GO_LIVE_KIND, due_id=reward_id, due_at=later
        )
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id)
    if not leads_on(RewardCommand.APPROVE, found.state):
        if found.goes_live_at != later:
            raise conflict_of(found.state)
        return found
    submitter = await find_submitter(db, network_id=network_id, reward_id=reward_id)
    if submitter == actor:
        raise RewardSubmitterDecides(path=("reward_id",))
    if later is None:
        return await put_on_sale(
            db,
            network_id=network_id,
            offered=found,
            command=RewardCommand.APPROVE,
            actor=actor,
            submitted_by=submitter,
            now=now,
        )
    if isinstance(found.terms, OfferTerms) and found.terms.ends_at <= later:
        raise RewardNotPublishable("The offer is over by then.", path=("at",))
    await move_reward(
        db,
        network_id=network_id,
        moved=found,
        command=RewardCommand.APPROVE,
        state=RewardState.SCHEDULED,
        actor=actor,
        effective_at=later,
        submitted_by=submitter,
        now=now,
    )
    return await get_reward(db, network_id=network_id, reward_id=reward_id)
