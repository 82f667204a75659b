"""Spending points on a redemption."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.journals import spend_points_journal
from catalog.redemptions.model import Quote, Redemption
from payouts.fx import get_fx_rates
from payouts.ledger import post_journal


async def spend_points(
    db: AsyncConnection,
    *,
    network_id: int,
    one: Redemption,
    quote: Quote,
    actor: str,
    now: datetime,
) -> None:
    """Turn the points that pay a part of a redemption into money, at the rate of the quote.

    The redemption's own journal takes the money in the same transaction. Nothing happens when no
    points were to be paid. Raises BalanceTooLow.
    """
    part = quote.points_part
    if part is None:
        return
    rates = await get_fx_rates(db, network_id=network_id, fx_rate_ids=[part.rate_id])
    draft = spend_points_journal(one, rates[part.rate_id], actor=actor, now=now)
    await post_journal(db, network_id=network_id, draft=draft, now=now)
