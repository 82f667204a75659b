"""Publishing a settlement calendar."""

from collections.abc import Iterable
from datetime import date, datetime, time

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.money import exponent_of, new_id
from payouts.settlement.calendar import REVIEW_DAYS_MAX, Every, SettlementCalendar
from payouts.settlement.errors import CalendarInvalid
from payouts.settlement.tables import settlement_calendar

VALUE_DAYS_MAX = 30
HOLIDAYS_MAX = 1_000
WEEK = range(1, 8)


async def publish_settlement_calendar(
    db: AsyncConnection,
    *,
    network_id: int,
    currency: str,
    every: Every,
    week_start: int,
    cut_time: time,
    review_days: int,
    value_days: int,
    weekend: Iterable[int],
    holidays: Iterable[date],
    actor: str,
    now: datetime,
) -> SettlementCalendar:
    """Put a calendar of one currency into force for all windows not closed yet.

    Earlier ones stay on record. Raises CalendarInvalid, UnknownCurrency.
    """
    exponent_of(currency)
    calendar = SettlementCalendar(
        calendar_id=new_id(now),
        currency=currency,
        every=every,
        week_start=week_start,
        cut_time=cut_time,
        review_days=review_days,
        value_days=value_days,
        weekend=tuple(sorted(set(weekend))),
        holidays=frozenset(holidays),
        published_by=actor,
        published_at=now,
    )
    _check(calendar)
    await db.execute(
        insert(settlement_calendar).values(
            network_id=network_id,
            calendar_id=calendar.calendar_id,
            currency=currency,
            every=every.value,
            week_start=week_start,
            cut_minute=cut_time.hour * 60 + cut_time.minute,
            review_days=review_days,
            value_days=value_days,
            weekend=list(calendar.weekend),
            holidays=sorted(calendar.holidays),
            published_by=actor,
            published_at=now,
        )
    )
    return calendar


def _check(one: SettlementCalendar) -> None:
    bounds = (
        ("week_start", one.week_start in WEEK),
        ("review_days", 0 <= one.review_days <= REVIEW_DAYS_MAX),
        ("value_days", 0 <= one.value_days <= VALUE_DAYS_MAX),
        # On a week without a working day nothing is ever paid.
        ("weekend", set(one.weekend) < set(WEEK)),
        ("holidays", len(one.holidays) <= HOLIDAYS_MAX),
        ("cut_time", one.cut_time == time(one.cut_time.hour, one.cut_time.minute)),
    )
    for name, is_sound in bounds:
        if not is_sound:
            raise CalendarInvalid(path=(name,))
