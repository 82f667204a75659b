"""Giving points back."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.journals import points_journal_key, spend_points_journal
from catalog.redemptions.model import Quote, Redemption
from payouts.events import EVENTS, reversed_lines
from payouts.fx import get_fx_rates
from payouts.ledger import find_journal, post_journal
from payouts.money import Money


async def give_points_back(
    db: AsyncConnection,
    *,
    network_id: int,
    one: Redemption,
    quote: Quote,
    refund: Money,
    actor: str,
    now: datetime,
) -> bool:
    """Turn the money that points became back into them, with the ends they had.

    Only where the money that came back to the wallet, `refund`, is enough for all of them: a
    penalty takes the money part first, and what is left of a greater one stays money.
    """
    part = quote.points_part
    if part is None or refund < part.worth:
        return False
    rates = await get_fx_rates(db, network_id=network_id, fx_rate_ids=[part.rate_id])
    spent = spend_points_journal(one, rates[part.rate_id], actor=actor, now=now)
    journal_id = await find_journal(
        db, network_id=network_id, key=points_journal_key(one.redemption_id)
    )
    draft = replace(
        spent,
        kind=EVENTS[spent.kind].reversal,
        key=f"{spent.key}:back",
        lines=reversed_lines(spent.lines),
        reverses=journal_id,
        restores=journal_id,
    )
    await post_journal(db, network_id=network_id, draft=draft, now=now)
    return True
