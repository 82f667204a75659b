"""Reading settlement calendars by id."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.settlement.calendar import SettlementCalendar, calendar_of
from payouts.settlement.tables import settlement_calendar


async def read_calendars(
    db: AsyncConnection, *, network_id: int, calendar_ids: Sequence[UUID]
) -> dict[UUID, SettlementCalendar]:
    """Read settlement calendars by id."""
    rows = await db.execute(
        select(settlement_calendar).where(
            settlement_calendar.c.network_id == network_id,
            settlement_calendar.c.calendar_id.in_(calendar_ids),
        )
    )
    return {row.calendar_id: calendar_of(row) for row in rows}
