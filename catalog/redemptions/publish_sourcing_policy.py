"""Publishing a sourcing policy."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.errors import SourcingPolicyInvalid
from catalog.redemptions.sourcing import WHOLE_BPS, SourcingPolicy
from catalog.redemptions.tables import sourcing_policy
from payouts.money import new_id


async def publish_sourcing_policy(
    db: AsyncConnection, *, network_id: int, loss_max_bps: int, actor: str, now: datetime
) -> SourcingPolicy:
    """Say what failovers may cost from now on, of orders placed before too; earlier ones stay known.

    Raises SourcingPolicyInvalid.
    """
    if not 0 <= loss_max_bps <= WHOLE_BPS:
        raise SourcingPolicyInvalid(path=("lossMaxBps",))
    policy = SourcingPolicy(new_id(now), loss_max_bps, actor, now)
    await db.execute(
        insert(sourcing_policy).values(
            network_id=network_id,
            policy_id=policy.policy_id,
            loss_max_bps=loss_max_bps,
            published_by=actor,
            published_at=now,
        )
    )
    return policy
