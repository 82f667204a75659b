"""Publishing a reserve policy."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.money import exponent_of, new_id
from payouts.reserves.errors import ReservePolicyInvalid
from payouts.reserves.model import HOLD_DAYS_MAX, SHARE_BPS_MAX, ReservePolicy
from payouts.reserves.tables import reserve_policy


async def publish_reserve_policy(
    db: AsyncConnection,
    *,
    network_id: int,
    currency: str,
    partner_id: UUID | None,
    share_bps: int,
    hold_days: int,
    actor: str,
    now: datetime,
) -> ReservePolicy:
    """Say how much of what is paid from now on is held back; earlier policies stay on record.

    What is held back already is given back when it was said to be. Raises ReservePolicyInvalid,
    UnknownCurrency.
    """
    exponent_of(currency)
    if not 0 <= share_bps <= SHARE_BPS_MAX:
        raise ReservePolicyInvalid(path=("share_bps",))
    if not 1 <= hold_days <= HOLD_DAYS_MAX:
        raise ReservePolicyInvalid(path=("hold_days",))
    policy = ReservePolicy(new_id(now), currency, partner_id, share_bps, hold_days, actor, now)
    await db.execute(
        insert(reserve_policy).values(
            network_id=network_id,
            policy_id=policy.policy_id,
            currency=currency,
            partner_id=partner_id,
            share_bps=share_bps,
            hold_days=hold_days,
            published_by=actor,
            published_at=now,
        )
    )
    return policy
