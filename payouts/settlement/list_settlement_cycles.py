"""Listing settlement cycles."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.settlement.model import SettlementCycle
from payouts.settlement.queries import cycle_of
from payouts.settlement.tables import settlement_cycle


async def list_settlement_cycles(
    db: AsyncConnection,
    *,
    network_id: int,
    limit: int,
    since: datetime,
    until: datetime,
    after: int | None = None,
    before: int | None = None,
    newest_first: bool = True,
) -> list[SettlementCycle]:
    """List the settlement cycles closed in a period, by number.

    `after` and `before` are numbers that bound the page from below and above.
    """
    number = settlement_cycle.c.number
    query = select(settlement_cycle).where(
        settlement_cycle.c.network_id == network_id,
        settlement_cycle.c.closed_at >= since,
        settlement_cycle.c.closed_at < until,
    )
    if after is not None:
        query = query.where(number > after)
    if before is not None:
        query = query.where(number < before)
    query = query.order_by(number.desc() if newest_first else number).limit(limit)
    return [cycle_of(row) for row in await db.execute(query)]
