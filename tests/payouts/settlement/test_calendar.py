"""When windows end, and on which days banks work."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.money import UnknownCurrency
from payouts.settlement import CalendarInvalid, Every, SettlementCalendar
from tests.conftest import NOW
from tests.payouts.settlement.calendars import (
    BERLIN,
    FRIDAY_AND_SATURDAY,
    RIYADH,
    calendar,
    publish,
)


def ends(one: SettlementCalendar, zone: ZoneInfo, after: datetime, count: int) -> list[str]:
    found = []
    for _ in range(count):
        after = one.next_end(after, zone)
        found.append(after.strftime("%m-%d %H:%M"))
    return found


def test_days_have_23_and_25_hours_where_clocks_change() -> None:
    spring = datetime(2026, 3, 27, 22, tzinfo=UTC)
    # Midnight of Berlin: 23:00 of UTC in winter, 22:00 in summer.
    assert ends(calendar(), BERLIN, spring, 4) == [
        "03-27 23:00",
        "03-28 23:00",
        "03-29 22:00",
        "03-30 22:00",
    ]
    autumn = datetime(2026, 10, 23, 23, tzinfo=UTC)
    assert ends(calendar(), BERLIN, autumn, 3) == ["10-24 22:00", "10-25 23:00", "10-26 23:00"]


def test_a_cut_time_that_clocks_skip_or_repeat_ends_one_window() -> None:
    one = calendar(cut_time=time(2, 30))
    skipped = datetime(2026, 3, 28, 2, tzinfo=UTC)
    assert ends(one, BERLIN, skipped, 3) == ["03-29 01:30", "03-30 00:30", "03-31 00:30"]
    repeated = datetime(2026, 10, 24, 1, tzinfo=UTC)
    assert ends(one, BERLIN, repeated, 3) == ["10-25 00:30", "10-26 01:30", "10-27 01:30"]


def test_months_end_with_their_last_day_and_weeks_begin_where_the_network_says() -> None:
    month = calendar(every=Every.MONTH)
    assert ends(month, RIYADH, datetime(2028, 1, 30, tzinfo=UTC), 3) == [
        "01-31 21:00",
        "02-29 21:00",
        "03-31 21:00",
    ]
    week = calendar(every=Every.WEEK, week_start=7)  # a Sunday
    assert ends(week, RIYADH, NOW, 2) == ["03-21 21:00", "03-28 21:00"]
    last = datetime(2026, 3, 14, 21, tzinfo=UTC)
    assert week.next_end(last - timedelta(microseconds=1), RIYADH) == last


def test_holidays_and_weekends_move_the_value_date_and_not_the_cut() -> None:
    one = calendar(
        value_days=2,
        weekend=FRIDAY_AND_SATURDAY,
        holidays=frozenset({date(2026, 3, 15), date(2026, 3, 19)}),
    )
    cut = one.next_end(datetime(2026, 3, 12, tzinfo=UTC), RIYADH)
    assert cut == datetime(2026, 3, 12, 21, tzinfo=UTC)
    # Friday the 13th by the clock of Riyadh; the 15th is a holiday.
    assert one.value_on(cut, RIYADH) == date(2026, 3, 17)
    assert calendar(weekend=FRIDAY_AND_SATURDAY).value_on(cut, RIYADH) == date(2026, 3, 15)


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"week_start": 0}, "week_start"),
        ({"week_start": 8}, "week_start"),
        ({"review_days": -1}, "review_days"),
        ({"review_days": 91}, "review_days"),
        ({"value_days": 31}, "value_days"),
        ({"weekend": tuple(range(1, 8))}, "weekend"),
        ({"weekend": (0,)}, "weekend"),
    ],
)
async def test_a_calendar_that_cannot_be_is_refused(
    world: Database, superuser: AsyncConnection, changed: dict[str, Any], path: str
) -> None:
    with pytest.raises(CalendarInvalid) as refused:
        await publish(world, **changed)
    assert refused.value.path == (path,)
    rows = await superuser.execute(text("SELECT count(*) FROM payouts.settlement_calendar"))
    assert rows.scalar_one() == 0


async def test_a_calendar_of_no_currency_is_refused(
    world: Database, superuser: AsyncConnection
) -> None:
    with pytest.raises(UnknownCurrency):
        await publish(world, currency="x" * 40)
    rows = await superuser.execute(text("SELECT count(*) FROM payouts.settlement_calendar"))
    assert rows.scalar_one() == 0
