"""Publishing into which currency a partner's nets are converted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.money import exponent_of, new_id
from payouts.settlement.conversion import ConversionPolicy
from payouts.settlement.errors import ConversionInvalid
from payouts.settlement.tables import settlement_conversion


async def publish_settlement_conversion(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID,
    currency: str,
    into: str | None,
    actor: str,
    now: datetime,
) -> ConversionPolicy:
    """Have a partner's nets of a currency converted into another from now on, or no longer.

    Earlier policies stay on record, and what was converted stays converted. A net would wander for
    ever if the other currency were converted too. Raises ConversionInvalid, UnknownCurrency.
    """
    exponent_of(currency)
    if into is not None:
        exponent_of(into)
        in_force = await _read_in_force(db, network_id, partner_id)
        if into == currency or in_force.get(into) is not None or currency in in_force.values():
            raise ConversionInvalid(path=("into",))
    policy = ConversionPolicy(new_id(now), partner_id, currency, into, actor, now)
    await db.execute(
        insert(settlement_conversion).values(
            network_id=network_id,
            policy_id=policy.policy_id,
            partner_id=partner_id,
            currency=currency,
            into_currency=into,
            published_by=actor,
            published_at=now,
        )
    )
    return policy


async def _read_in_force(
    db: AsyncConnection, network_id: int, partner_id: UUID
) -> dict[str, str | None]:
    policy = settlement_conversion
    rows = await db.execute(
        select(policy.c.currency, policy.c.into_currency)
        .where(policy.c.network_id == network_id, policy.c.partner_id == partner_id)
        .ext(distinct_on(policy.c.currency))
        .order_by(policy.c.currency, policy.c.policy_id.desc())
    )
    return {row.currency: row.into_currency for row in rows}
