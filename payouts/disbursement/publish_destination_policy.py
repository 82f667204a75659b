"""Publishing a policy of destinations."""

from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.destinations import COOLDOWN_MAX, DestinationPolicy, PayoutRail
from payouts.disbursement.errors import CooldownTooLong
from payouts.disbursement.tables import destination_policy
from payouts.money import new_id


async def publish_destination_policy(
    db: AsyncConnection,
    *,
    network_id: int,
    cooldown: timedelta,
    actor: str,
    now: datetime,
    rail: PayoutRail = PayoutRail.STRIPE,
) -> DestinationPolicy:
    """Say by which rail payouts leave that begin from now on, and how long changes are on notice.

    Raises CooldownTooLong.
    """
    if not timedelta() <= cooldown <= COOLDOWN_MAX:
        raise CooldownTooLong
    policy = DestinationPolicy(new_id(now), cooldown, rail, actor, now)
    await db.execute(
        insert(destination_policy).values(
            network_id=network_id,
            policy_id=policy.policy_id,
            cooldown_seconds=int(cooldown.total_seconds()),
            rail=rail.value,
            published_by=actor,
            published_at=now,
        )
    )
    return policy
