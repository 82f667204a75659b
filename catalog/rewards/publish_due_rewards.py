"""Going live."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.lifecycle import CLOCK, GO_LIVE_KIND, RewardCommand
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import OfferTerms, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.put_on_sale import put_on_sale
from catalog.rewards.queries import get_rewards
from payouts.due import claim_due, clear_due

LEASE_SECONDS = 60
OVER = "The offer was over before it could go live."


async def publish_due_rewards(
    db: AsyncConnection, *, network_id: int, limit: int, now: datetime
) -> int:
    """Put scheduled rewards on sale whose time has come; tell how many were looked at.

    An offer that is over by then, because nobody looked in time, is a draft again.
    """
    due_ids = await claim_due(
        db,
        network_id=network_id,
        kind=GO_LIVE_KIND,
        limit=limit,
        lease_seconds=LEASE_SECONDS,
        now=now,
    )
    known = await get_rewards(db, network_id=network_id, reward_ids=due_ids)
    for reward_id in sorted(due_ids):
        if reward_id in known:
            await _go_live(db, network_id, reward_id, now)
        await clear_due(db, network_id=network_id, kind=GO_LIVE_KIND, due_id=reward_id)
    return len(due_ids)


async def _go_live(db: AsyncConnection, network_id: int, reward_id: UUID, now: datetime) -> None:
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id)
    if found.state is not RewardState.SCHEDULED:
        return  # it was unscheduled
    if isinstance(found.terms, OfferTerms) and found.terms.ends_at <= now:
        await move_reward(
            db,
            network_id=network_id,
            moved=found,
            command=RewardCommand.UNSCHEDULE,
            state=RewardState.DRAFT,
            actor=CLOCK,
            reason=OVER,
            now=now,
        )
        return
    await put_on_sale(
        db,
        network_id=network_id,
        offered=found,
        command=RewardCommand.GO_LIVE,
        actor=CLOCK,
        now=now,
    )
