"""Finding the calendar of a currency."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.settlement.calendar import SettlementCalendar, calendar_of
from payouts.settlement.tables import settlement_calendar


async def find_calendar(
    db: AsyncConnection, *, network_id: int, currency: str
) -> SettlementCalendar | None:
    """Find the calendar in force for a currency: the newest."""
    rows = await db.execute(
        select(settlement_calendar)
        .where(
            settlement_calendar.c.network_id == network_id,
            settlement_calendar.c.currency == currency,
        )
        .order_by(settlement_calendar.c.calendar_id.desc())
        .limit(1)
    )
    row = rows.one_or_none()
    return calendar_of(row) if row else None
