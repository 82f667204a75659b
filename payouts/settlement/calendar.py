"""When settlement windows end: instants by the network's own clock, whatever the season."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

REVIEW_DAYS_MAX = 90


class Every(StrEnum):
    """How long a settlement window is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class SettlementCalendar:
    """When the windows of one currency end, how long a cycle is reviewed, and when it is paid.

    Weekdays are those of ISO 8601: Monday is 1. A window ends at `cut_time` by the network's zone
    on every day, on each `week_start`, or on the first of each month. `value_days` are days on
    which banks work; holidays and weekends move the value date and never the cut.
    """

    calendar_id: UUID
    currency: str
    every: Every
    week_start: int
    cut_time: time
    review_days: int
    value_days: int
    weekend: tuple[int, ...]
    holidays: frozenset[date]
    published_by: str
    published_at: datetime

    def next_end(self, after: datetime, zone: ZoneInfo) -> datetime:
        """Tell when the first window ends that ends behind an instant.

        Where clocks go forward over the cut time it is as long after midnight as on other days;
        where they go back, it is the first of the two.
        """
        on = after.astimezone(zone).date()
        while (end := self._end_on(on, zone)) is None or end <= after:
            on += timedelta(days=1)
        return end

    def value_on(self, cut_at: datetime, zone: ZoneInfo) -> date:
        """Tell the day on which what was cut is worth having: banks work on it and those between."""
        on, left = cut_at.astimezone(zone).date(), self.value_days
        while left or not self._is_working(on):
            on += timedelta(days=1)
            left -= bool(left) and self._is_working(on)
        return on

    def _end_on(self, on: date, zone: ZoneInfo) -> datetime | None:
        if self.every is Every.WEEK and on.isoweekday() != self.week_start:
            return None
        if self.every is Every.MONTH and on.day != 1:
            return None
        return datetime.combine(on, self.cut_time, zone).astimezone(UTC)

    def _is_working(self, on: date) -> bool:
        return on.isoweekday() not in self.weekend and on not in self.holidays


def calendar_of(row: Any) -> SettlementCalendar:
    """Read a calendar out of its row."""
    return SettlementCalendar(
        calendar_id=row.calendar_id,
        currency=row.currency,
        every=Every(row.every),
        week_start=row.week_start,
        cut_time=time(*divmod(row.cut_minute, 60)),
        review_days=row.review_days,
        value_days=row.value_days,
        weekend=tuple(row.weekend),
        holidays=frozenset(row.holidays),
        published_by=row.published_by,
        published_at=row.published_at,
    )
