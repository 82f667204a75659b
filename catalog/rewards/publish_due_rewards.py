"""Going live."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.lifecycle import CLOCK, GO_LIVE_KIND, REASON_LENGTH_MAX, RewardCommand
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.put_on_sale import put_on_sale
from catalog.rewards.queries import get_rewards
from payouts.due import claim_due, clear_due
from payouts.refusal import Refusal

LEASE_SECONDS = 60


async def publish_due_rewards(
    db: AsyncConnection, *, network_id: int, limit: int, now: datetime
) -> int:
    """Put scheduled rewards on sale whose time has come; tell how many were looked at.

    One that cannot be put on sale by then, such as an offer that is over because nobody looked in
    time, or that names a funder who is not there, is a draft again, with the reason.
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
    try:
        await put_on_sale(
            db,
            network_id=network_id,
            offered=found,
            command=RewardCommand.GO_LIVE,
            actor=CLOCK,
            now=now,
        )
    except Refusal as refusal:
        # Whatever refuses an offer does so before anything is written. It must not keep the others
        # of its batch from going live, nor be tried for ever.
        await move_reward(
            db,
            network_id=network_id,
            moved=found,
            command=RewardCommand.UNSCHEDULE,
            state=RewardState.DRAFT,
            actor=CLOCK,
            reason=refusal.message[:REASON_LENGTH_MAX],
            now=now,
        )
