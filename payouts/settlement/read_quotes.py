"""Reading at which rates the nets of a cycle are converted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.fx import list_fx_rates_from
from payouts.settlement.conversion import Quote
from payouts.settlement.tables import settlement_conversion


async def read_quotes(
    db: AsyncConnection, *, network_id: int, currency: str, now: datetime
) -> dict[UUID, Quote]:
    """Tell, for each partner whose nets of a currency are converted, into what and at which rate.

    Changes nothing. Two queries however many partners; a partner without a policy is left out.
    """
    policy = settlement_conversion
    rows = await db.execute(
        select(policy.c.partner_id, policy.c.currency, policy.c.into_currency)
        .where(policy.c.network_id == network_id)
        .ext(distinct_on(policy.c.currency, policy.c.partner_id))
        .order_by(policy.c.currency, policy.c.partner_id, policy.c.policy_id.desc())
    )
    in_force = {(row.partner_id, row.currency): row.into_currency for row in rows}
    wanted = {
        partner_id: into
        for (partner_id, of), into in in_force.items()
        # Two operators at once may each have published half of a circle: it is not entered.
        if of == currency and into is not None and in_force.get((partner_id, into)) is None
    }
    rates = await list_fx_rates_from(
        db, network_id=network_id, base=currency, quotes=set(wanted.values()), now=now
    )
    return {partner_id: Quote(into, rates.get(into)) for partner_id, into in wanted.items()}
