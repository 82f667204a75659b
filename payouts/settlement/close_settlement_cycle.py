"""Closing a settlement cycle."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import Cut, Stretch, begin_stretch, find_first_movement, read_zone
from payouts.money import exponent_of, new_id
from payouts.seals import seal_journals
from payouts.settlement.calendar import REVIEW_DAYS_MAX, SettlementCalendar
from payouts.settlement.errors import (
    CalendarInvalid,
    NothingToSettle,
    PreviousCycleInReview,
    WindowOpen,
    WindowOutOfOrder,
)
from payouts.settlement.find_calendar import find_calendar
from payouts.settlement.hashes import hash_result
from payouts.settlement.issue_statements import issue_statements
from payouts.settlement.model import OWN_KINDS, SCOPE, CycleState, SettlementCycle
from payouts.settlement.queries import find_cycle_before, find_last_cycle_number
from payouts.settlement.read_positions import read_positions
from payouts.settlement.read_quotes import read_quotes
from payouts.settlement.tables import settlement_cycle

_MOMENT = timedelta(microseconds=1)
"""The finest that instants are kept to: a cut this far behind one holds what took effect at it."""


async def close_settlement_cycle(
    db: AsyncConnection,
    *,
    network_id: int,
    currency: str,
    actor: str,
    now: datetime,
    ends_at: datetime | None = None,
    review_days: int | None = None,
) -> SettlementCycle:
    """Fix what partners owe and are owed in a currency at the end of a window; issue statements.

    Without a calendar the window ends at `ends_at`, or now. With one it is the first that has
    ended and in which something moved; `ends_at` may say which is meant. No posting is touched:
    the cycle is a cut of the sealed order. It may be disputed for `review_days`, or as long as the
    calendar says, or not at all. A cycle in review is returned as it is, and so is the
    one that ended at `ends_at`: of two closes at once one makes the cycle and both return it.
    Raises NothingToSettle, WindowOpen, WindowOutOfOrder, PreviousCycleInReview, CalendarInvalid,
    UnknownCurrency.
    """
    _check(currency, review_days)
    position = await seal_journals(db, network_id=network_id, now=now)
    last = await find_cycle_before(db, network_id=network_id, currency=currency)
    if last is not None and (again := _again(last, ends_at)):
        return again
    zone = ZoneInfo(await read_zone(db, network_id=network_id))
    calendar = await find_calendar(db, network_id=network_id, currency=currency)
    before = last.cut if last else None
    open_end = Cut(None, position.last_seq)
    stretch = await begin_stretch(db, network_id=network_id, cut=open_end, before=before)
    if calendar is None:
        end, value_on = _end_now(before, ends_at, now), None
    else:
        end = await _end_of_window(db, network_id, calendar, zone, stretch)
        _check_window(end, ends_at, now)
        value_on = calendar.value_on(end, zone)
    if review_days is None:
        review_days = calendar.review_days if calendar else 0
    cycle = SettlementCycle(
        cycle_id=new_id(now),
        number=await find_last_cycle_number(db, network_id=network_id) + 1,
        currency=currency,
        version=1,
        cut=Cut(end, position.last_seq),
        before=before,
        from_seq=stretch.from_seq,
        state=CycleState.IN_REVIEW,
        result_hash="",
        closed_by=actor,
        closed_at=now,
        review_ends_at=now + timedelta(days=review_days),
        value_on=value_on,
        approved_by=None,
        approved_at=None,
        settled_at=None,
    )
    return await _issue(db, network_id, currency, cycle)


def _check(currency: str, review_days: int | None) -> None:
    exponent_of(currency)
    if review_days is not None and not 0 <= review_days <= REVIEW_DAYS_MAX:
        raise CalendarInvalid(path=("review_days",))


def _again(last: SettlementCycle, ends_at: datetime | None) -> SettlementCycle | None:
    if ends_at == last.cut.at:
        return last
    if last.state is not CycleState.IN_REVIEW:
        return None
    if ends_at is None:
        return last
    raise PreviousCycleInReview(number=last.number)


def _end_now(before: Cut | None, ends_at: datetime | None, now: datetime) -> datetime:
    if ends_at is None:
        # Behind the cut before, also by a clock that stands still.
        return max([now, *([before.at] if before and before.at else [])]) + _MOMENT
    if ends_at > now:
        raise WindowOpen(ends_at=ends_at.isoformat())
    if before is not None and before.at is not None and ends_at <= before.at:
        raise WindowOutOfOrder(ends_at=before.at.isoformat())
    return ends_at


async def _end_of_window(
    db: AsyncConnection,
    network_id: int,
    calendar: SettlementCalendar,
    zone: ZoneInfo,
    stretch: Stretch,
) -> datetime:
    first = await find_first_movement(
        db,
        network_id=network_id,
        types=SCOPE,
        unit=calendar.currency,
        stretch=replace(stretch, without_kinds=OWN_KINDS),
    )
    if first is None:
        raise NothingToSettle
    before = stretch.before
    return calendar.next_end(max([first, *([before.at] if before and before.at else [])]), zone)


def _check_window(end: datetime, ends_at: datetime | None, now: datetime) -> None:
    if ends_at is not None and ends_at != end:
        raise WindowOutOfOrder(ends_at=end.isoformat())
    if end > now:
        raise WindowOpen(ends_at=end.isoformat())


async def _issue(
    db: AsyncConnection, network_id: int, currency: str, cycle: SettlementCycle
) -> SettlementCycle:
    positions = await read_positions(db, network_id=network_id, cycle=cycle)
    if not any(one.moved for one in positions):
        raise NothingToSettle
    await db.execute(
        insert(settlement_cycle).values(
            network_id=network_id,
            cycle_id=cycle.cycle_id,
            number=cycle.number,
            currency=cycle.currency,
            version=cycle.version,
            cut_at=cycle.cut.at,
            from_seq=cycle.from_seq,
            to_seq=cycle.cut.seq,
            before_at=cycle.before.at if cycle.before else None,
            before_seq=cycle.before.seq if cycle.before else None,
            state=cycle.state.value,
            result_hash=cycle.result_hash,
            closed_by=cycle.closed_by,
            closed_at=cycle.closed_at,
            review_ends_at=cycle.review_ends_at,
            value_on=cycle.value_on,
        )
    )
    now = cycle.closed_at
    quotes = await read_quotes(db, network_id=network_id, currency=currency, now=now)
    issued = await issue_statements(
        db, network_id=network_id, cycle=cycle, positions=positions, quotes=quotes, now=now
    )
    result_hash = hash_result(one.content_hash for one in issued)
    await db.execute(
        update(settlement_cycle)
        .where(
            settlement_cycle.c.network_id == network_id,
            settlement_cycle.c.cycle_id == cycle.cycle_id,
        )
        .values(result_hash=result_hash)
    )
    return replace(cycle, result_hash=result_hash)
