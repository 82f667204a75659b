"""Calendars for tests of settlement windows."""

from datetime import time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from api.database.transaction import Database
from payouts.settlement import Every, SettlementCalendar, publish_settlement_calendar
from tests.conftest import NOW
from tests.payouts.settlement.world import BOOK

BERLIN = ZoneInfo("Europe/Berlin")
RIYADH = ZoneInfo("Asia/Riyadh")
FRIDAY_AND_SATURDAY = (5, 6)


def calendar(**changed: Any) -> SettlementCalendar:
    given: dict[str, Any] = {
        "calendar_id": uuid4(),
        "currency": "SAR",
        "every": Every.DAY,
        "week_start": 1,
        "cut_time": time(0),
        "review_days": 0,
        "value_days": 0,
        "weekend": (),
        "holidays": frozenset(),
        "published_by": "op",
        "published_at": NOW,
    }
    return SettlementCalendar(**given | changed)


async def publish(world: Database, **changed: Any) -> None:
    given = calendar(**changed)
    async with world.writing(BOOK) as db:
        await publish_settlement_calendar(
            db,
            network_id=BOOK,
            currency=given.currency,
            every=given.every,
            week_start=given.week_start,
            cut_time=given.cut_time,
            review_days=given.review_days,
            value_days=given.value_days,
            weekend=given.weekend,
            holidays=given.holidays,
            actor="op",
            now=NOW,
        )
