"""Paying suppliers for what they delivered."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.journals import supplier_redemption_journal
from catalog.redemptions.model import Quote, Redemption
from catalog.redemptions.resolve_payment import resolve_payment
from catalog.redemptions.spend_points import spend_points
from payouts.fx import get_fx_rates
from payouts.ledger import post_journal
from payouts.money import Money


async def pay_supplier(
    db: AsyncConnection,
    *,
    network_id: int,
    one: Redemption,
    quote: Quote,
    charged: Money,
    actor: str,
    now: datetime,
) -> None:
    """Take what was held for a redemption and book it: from now on we owe the supplier its charge.

    Its caller has locked the redemption, and stores the code in the same transaction.
    """
    await resolve_payment(
        db,
        network_id=network_id,
        one=one,
        kind="captured",
        key=f"redemption:{one.redemption_id}:capture",
        now=now,
    )
    await spend_points(db, network_id=network_id, one=one, quote=quote, actor=actor, now=now)
    rate = None
    if quote.fx_rate_id is not None:
        rates = await get_fx_rates(db, network_id=network_id, fx_rate_ids=[quote.fx_rate_id])
        rate = rates[quote.fx_rate_id]
    draft = supplier_redemption_journal(
        one, quote, charged=charged, rate=rate, actor=actor, now=now
    )
    await post_journal(db, network_id=network_id, draft=draft, now=now)
