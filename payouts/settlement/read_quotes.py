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
        select(policy.c.partner_id, policy.c.into_currency)
        .where(policy.c.network_id == network_id, policy.c.currency == currency)
        .ext(distinct_on(policy.c.partner_id))
        .order_by(policy.c.partner_id, policy.c.policy_id.desc())
    )
    wanted = {row.partner_id: row.into_currency for row in rows if row.into_currency is not None}
    rates = await list_fx_rates_from(
        db, network_id=network_id, base=currency, quotes=set(wanted.values()), now=now
    )
    return {partner_id: Quote(into, rates.get(into)) for partner_id, into in wanted.items()}
