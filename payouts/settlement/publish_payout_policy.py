"""Publishing a payout policy."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.money import InvalidAmount, Money, new_id
from payouts.settlement.model import PayoutPolicy
from payouts.settlement.tables import payout_policy


async def publish_payout_policy(
    db: AsyncConnection,
    *,
    network_id: int,
    approval_above: Money,
    minimum: Money,
    actor: str,
    now: datetime,
    first_payout_cap: Money | None = None,
    second_approval_above: Money | None = None,
) -> PayoutPolicy:
    """Put a payout policy of one currency into force from now on; earlier ones stay on record.

    Raises InvalidAmount, CurrencyMismatch.
    """
    if approval_above < Money.zero(minimum.currency) or minimum.minor < 1:
        raise InvalidAmount("The minimum is positive and the approval limit not negative.")
    if first_payout_cap is not None and first_payout_cap < Money.zero(minimum.currency):
        raise InvalidAmount("The cap of a first payout is not negative.")
    if second_approval_above is not None and second_approval_above < Money.zero(minimum.currency):
        raise InvalidAmount("The limit of a second approval is not negative.")
    policy = PayoutPolicy(
        new_id(now),
        minimum.currency,
        approval_above,
        minimum,
        actor,
        now,
        first_payout_cap,
        second_approval_above,
    )
    await db.execute(
        insert(payout_policy).values(
            network_id=network_id,
            policy_id=policy.policy_id,
            currency=policy.currency,
            approval_above=approval_above.minor,
            minimum=minimum.minor,
            first_payout_cap=_minor_of(first_payout_cap),
            second_approval_above=_minor_of(second_approval_above),
            published_by=actor,
            published_at=now,
        )
    )
    return policy


def _minor_of(limit: Money | None) -> int | None:
    return None if limit is None else limit.minor
