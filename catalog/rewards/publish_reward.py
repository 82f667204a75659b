"""Publishing rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.lifecycle import NOBODY_NAMED, RewardCommand, leads_on
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import Reward
from catalog.rewards.put_on_sale import put_on_sale
from catalog.rewards.queries import get_reward


async def publish_reward(
    db: AsyncConnection,
    *,
    network_id: int,
    reward_id: UUID,
    programme_id: UUID | None = None,
    actor: str = NOBODY_NAMED,
    now: datetime,
) -> Reward:
    """Put the latest version of a reward on sale in its countries, in place of the one before.

    This is the direct way, without a review. A paused or retired reward is on sale again with it,
    one that is retiring goes on to its sunset. What is reviewed, scheduled, rejected or suspended
    has ways of its own.

    An offer publishes an earn rule that counts for members who switch it on; who switched on an
    earlier version keeps what was promised then. The rule belongs to `programme_id`, or else to
    the network's own programme. Publishing what is already on sale changes nothing. Raises
    RewardNotFound, RewardStateConflict, RewardNotPublishable for an offer that is over, or
    ProgrammeNotFound.
    """
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id)
    leads_on(RewardCommand.PUBLISH, found.state)
    offered = await get_reward(
        db, network_id=network_id, reward_id=reward_id, version=found.latest_version
    )
    if offered.is_current:
        return offered
    return await put_on_sale(
        db,
        network_id=network_id,
        offered=offered,
        command=RewardCommand.PUBLISH,
        actor=actor,
        programme_id=programme_id,
        now=now,
    )
