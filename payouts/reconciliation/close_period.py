"""Closing an accounting month."""

from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import month_after, move_period, read_zone
from payouts.reconciliation.errors import PeriodHasOpenItems
from payouts.reconciliation.queries import read_open_ends


async def close_period(
    db: AsyncConnection,
    *,
    network_id: int,
    month: date,
    step: Literal["soft", "closed"],
    actor: str,
    now: datetime,
) -> None:
    """Close a month that is over: proposed ("soft") by one person, for good by another.

    Raises PeriodHasOpenItems while an outside line of the month is unexplained or a settlement's
    clearing is not at zero, PeriodNotOver, PeriodClosed, PeriodCloserIsProposer.
    """
    # First the lock, so that nothing enters the month after it was found in order.
    await move_period(db, network_id=network_id, month=month, status=step, actor=actor, now=now)
    zone = ZoneInfo(await read_zone(db, network_id=network_id))
    until = datetime.combine(month_after(month), time(), zone)
    ends = await read_open_ends(db, network_id=network_id, until=until)
    unsettled = [one for one in ends.clearing if one.account.type == "settle_clearing"]
    if ends.items or unsettled:
        raise PeriodHasOpenItems(items=ends.items, clearing=len(unsettled))
