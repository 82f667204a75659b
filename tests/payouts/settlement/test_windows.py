"""Windows that end at instants of a zone, and cuts that hold what took effect before them."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.ledger import open_book, post_journal
from payouts.settlement import (
    ContentChanged,
    CycleState,
    Every,
    NothingToSettle,
    Outcome,
    PreviousCycleInReview,
    ReviewOpen,
    SettlementCycle,
    SettlementCycleNotInReview,
    Statement,
    WindowOpen,
    WindowOutOfOrder,
    abandon_settlement_cycle,
    close_settlement_cycle,
    list_cycle_statements,
    list_statement_lines,
    list_statements,
    post_settlement_cycle,
    publish_settlement_calendar,
    reissue_settlement_cycle,
)
from tests.conftest import NOW
from tests.payouts.settlement.calendars import FRIDAY_AND_SATURDAY, publish
from tests.payouts.settlement.world import (
    BOOK,
    CHECKER,
    MAKER,
    P,
    Q,
    assert_books_balance,
    card_honoured,
    is_owed,
    lines_of,
    money,
    owes,
)


async def close(
    world: Database, now: datetime, *, ends_at: datetime | None = None
) -> SettlementCycle:
    async with world.writing(BOOK) as db:
        return await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=now, ends_at=ends_at
        )


async def approve(
    world: Database, cycle: SettlementCycle, now: datetime, result_hash: str | None = None
) -> None:
    async with world.writing(BOOK) as db:
        await post_settlement_cycle(
            db,
            network_id=BOOK,
            cycle_id=cycle.cycle_id,
            actor=CHECKER,
            now=now,
            result_hash=result_hash,
        )


async def reissue(world: Database, cycle: SettlementCycle, now: datetime) -> SettlementCycle:
    async with world.writing(BOOK) as db:
        return await reissue_settlement_cycle(db, network_id=BOOK, cycle_id=cycle.cycle_id, now=now)


async def statements_of(world: Database, cycle: SettlementCycle) -> list[Statement]:
    async with world.reading(BOOK) as db:
        return await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle.cycle_id)


async def all_rows(superuser: AsyncConnection) -> list[tuple[object, ...]]:
    found = []
    for table in ("settlement_cycle", "statement"):
        rows = await superuser.execute(text(f"SELECT * FROM payouts.{table} ORDER BY number"))
        found += [tuple(row) for row in rows]
    return found


async def test_a_window_is_closed_when_it_has_ended_and_holds_what_took_effect_before(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, value_days=1, weekend=FRIDAY_AND_SATURDAY)
    end = datetime(2026, 3, 15, 21, tzinfo=UTC)
    await owes(world, "last moment", P, 100, now=end - timedelta(microseconds=1))
    await owes(world, "next day", P, 7, now=end)
    with pytest.raises(WindowOpen) as still_open:
        await close(world, end - timedelta(microseconds=1))
    assert still_open.value.facts == {"ends_at": "2026-03-15T21:00:00+00:00"}
    assert await all_rows(superuser) == []
    cycle = await close(world, end + timedelta(hours=2))
    assert (cycle.cut.at, cycle.value_on) == (end, date(2026, 3, 17))
    (mine,) = await statements_of(world, cycle)
    assert (mine.receivable, mine.lines_count) == (money(100), 1)
    await approve(world, cycle, end + timedelta(hours=3))
    with pytest.raises(WindowOpen):
        await close(world, end + timedelta(hours=23))
    second = await close(world, end + timedelta(days=1))
    assert second.cut.at == end + timedelta(days=1)
    (mine,) = await statements_of(world, second)
    # It stood in the order before the first cycle was closed, but took effect in this window.
    assert (mine.opening, mine.settled, mine.receivable) == (money(100), money(-100), money(7))
    assert mine.net == money(7)


async def test_commits_held_open_across_the_cut_are_late_in_the_next_cycle(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world)
    end = datetime(2026, 3, 15, 21, tzinfo=UTC)
    await is_owed(world, "in time", P, 100, now=end - timedelta(hours=1))
    early = card_honoured("took effect before", P, 7, now=end - timedelta(minutes=5))
    late = card_honoured("took effect after", P, 30, now=end + timedelta(minutes=5))
    async with world.writing(BOOK) as one, world.writing(BOOK) as other:
        await post_journal(one, network_id=BOOK, draft=early, now=end)
        await post_journal(other, network_id=BOOK, draft=late, now=end + timedelta(minutes=5))
        first = await close(world, end + timedelta(minutes=10))
    await approve(world, first, end + timedelta(minutes=20))
    second = await close(world, end + timedelta(days=1))
    (before,), (after,) = await statements_of(world, first), await statements_of(world, second)
    assert (before.payable, after.payable) == (money(100), money(37))
    async with world.reading(BOOK) as db:
        lines = await list_statement_lines(db, network_id=BOOK, of=after, limit=9)
    told = {one.amount.minor: after.stretch.is_late(one.effective_at) for one in lines}
    assert told == {-7: True, -30: False, 100: False}
    seen = await superuser.execute(
        text("SELECT amount, is_late FROM audit.statement_line WHERE statement_id = :id"),
        {"id": after.statement_id},
    )
    assert dict(tuple(row) for row in seen) == told
    await approve(world, second, end + timedelta(days=1))
    await assert_books_balance(superuser)


async def test_a_window_in_which_nothing_moved_is_passed_over(world: Database) -> None:
    await publish(world)
    await owes(world, "a", P, 100, now=NOW + timedelta(days=4))
    cycle = await close(world, NOW + timedelta(days=9))
    assert cycle.cut.at == datetime(2026, 3, 19, 21, tzinfo=UTC)
    await approve(world, cycle, NOW + timedelta(days=9))
    # What settled moves nothing between partners.
    with pytest.raises(NothingToSettle):
        await close(world, NOW + timedelta(days=30))


async def test_windows_are_closed_in_their_order(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world)
    end = datetime(2026, 3, 15, 21, tzinfo=UTC)
    await owes(world, "a", P, 100, now=NOW)
    await owes(world, "b", P, 30, now=NOW + timedelta(days=1))
    now = NOW + timedelta(days=5)
    with pytest.raises(WindowOutOfOrder) as refused:
        await close(world, now, ends_at=end + timedelta(days=1))
    assert refused.value.facts == {"ends_at": end.isoformat()}
    first = await close(world, now, ends_at=end)
    stood = await all_rows(superuser)
    with pytest.raises(PreviousCycleInReview):
        await close(world, now, ends_at=end + timedelta(days=1))
    assert await close(world, now) == await close(world, now, ends_at=end) == first
    assert await all_rows(superuser) == stood
    await approve(world, first, now)
    assert (await close(world, now, ends_at=end)).cycle_id == first.cycle_id
    second = await close(world, now)
    assert (second.number, second.cut.at) == (2, end + timedelta(days=1))


async def test_without_a_calendar_any_instant_up_to_now_is_a_cut(world: Database) -> None:
    await owes(world, "a", P, 100, now=NOW)
    await owes(world, "b", P, 30, now=NOW + timedelta(hours=1))
    with pytest.raises(WindowOpen):
        await close(world, NOW, ends_at=NOW + timedelta(seconds=1))
    first = await close(world, NOW + timedelta(hours=2), ends_at=NOW + timedelta(hours=1))
    (mine,) = await statements_of(world, first)
    assert mine.net == money(100)
    await approve(world, first, NOW + timedelta(hours=2))
    with pytest.raises(WindowOutOfOrder):
        await close(world, NOW + timedelta(hours=2), ends_at=NOW)
    (mine,) = await statements_of(world, await close(world, NOW + timedelta(hours=3)))
    assert mine.net == money(30)


async def test_a_cycle_is_not_approved_before_its_review_is_over_nor_unseen(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world, review_days=3)
    await owes(world, "a", P, 100)
    now = NOW + timedelta(days=1)
    cycle = await close(world, now)
    assert cycle.review_ends_at == now + timedelta(days=3)
    stood = await all_rows(superuser)
    with pytest.raises(ReviewOpen) as refused:
        await approve(world, cycle, now + timedelta(days=3, microseconds=-1))
    assert refused.value.facts == {"until": cycle.review_ends_at.isoformat()}
    with pytest.raises(ContentChanged):
        await approve(world, cycle, now + timedelta(days=3), result_hash="0" * 64)
    assert await all_rows(superuser) == stood
    assert await lines_of(superuser, "settlement.net") == []
    await approve(world, cycle, now + timedelta(days=3), result_hash=cycle.result_hash)


async def test_issued_anew_only_what_changed_has_a_later_version(
    world: Database, superuser: AsyncConnection
) -> None:
    await publish(world)
    end = datetime(2026, 3, 15, 21, tzinfo=UTC)
    await owes(world, "a", P, 100)
    await owes(world, "b", Q, 50)
    first = await close(world, end)
    assert await reissue(world, first, end) == first
    before = await statements_of(world, first)
    await is_owed(world, "came late", P, 30, now=NOW + timedelta(hours=1))
    await is_owed(world, "next window", Q, 9, now=end)
    again = await reissue(world, first, end + timedelta(hours=1))
    assert (again.version, again.cut.at) == (2, end)
    assert again.result_hash != first.result_hash
    mine, other = await statements_of(world, again)
    assert (mine.number, mine.version, mine.net) == (1, 2, money(70))
    assert other == before[1]
    async with world.reading(BOOK) as db:
        new = await list_statement_lines(db, network_id=BOOK, of=mine, limit=9, since_version=1)
        every = await list_statements(
            db, network_id=BOOK, since=NOW, until=end + timedelta(days=1), limit=9
        )
    assert [(one.kind, one.amount.minor) for one in new] == [("giftcard.capture", -30)]
    assert {(one.number, one.version): one.state.value for one in every} == {
        (1, 1): "superseded",
        (1, 2): "issued",
        (2, 1): "issued",
    }
    # Approved is what stands; what was seen before is not.
    with pytest.raises(ContentChanged):
        await approve(world, first, end + timedelta(hours=2), result_hash=first.result_hash)
    await approve(world, again, end + timedelta(hours=2), result_hash=again.result_hash)
    with pytest.raises(SettlementCycleNotInReview):
        await reissue(world, again, end + timedelta(hours=3))
    second = await close(world, end + timedelta(days=1))
    nets = {one.partner_id: one.net for one in await statements_of(world, second)}
    assert nets == {P: money(0), Q: money(-9)}


async def test_what_was_abandoned_is_settled_by_the_next_cycle(
    world: Database, superuser: AsyncConnection
) -> None:
    await owes(world, "a", P, 100)
    first = await close(world, NOW, ends_at=None)
    async with world.writing(BOOK) as db:
        given_up = await abandon_settlement_cycle(
            db, network_id=BOOK, cycle_id=first.cycle_id, now=NOW
        )
    assert given_up.state is CycleState.ABANDONED
    assert await statements_of(world, first) == []
    with pytest.raises(SettlementCycleNotInReview):
        await approve(world, first, NOW)
    again = await close(world, NOW)
    assert (again.number, again.cut, again.before) == (2, first.cut, None)
    (mine,) = await statements_of(world, again)
    assert (mine.number, mine.net, mine.outcome) == (2, money(100), Outcome.COLLECT)
    states = await superuser.execute(text("SELECT state FROM payouts.statement ORDER BY number"))
    assert list(states.scalars()) == ["void", "issued"]
    await approve(world, again, NOW)
    assert [row[2] for row in await lines_of(superuser, "settlement.net")] == [-100, 100]
    await assert_books_balance(superuser)


async def test_the_same_close_gives_the_same_statements(
    world: Database, superuser: AsyncConnection
) -> None:
    await owes(world, "a", P, 100)
    await is_owed(world, "b", Q, 50)
    cycle = await close(world, NOW)
    first = await statements_of(world, cycle)
    await superuser.execute(text("DELETE FROM payouts.statement"))
    await superuser.execute(text("DELETE FROM payouts.settlement_cycle"))
    again = await close(world, NOW)
    assert again.result_hash == cycle.result_hash
    # Ids derive from the cycle's, which alone is new.
    assert [one.content_hash for one in await statements_of(world, again)] == [
        one.content_hash for one in first
    ]


async def test_the_database_refuses_a_cut_that_is_not_behind_the_one_before(
    world: Database, superuser: AsyncConnection
) -> None:
    await owes(world, "a", P, 100)
    await close(world, NOW)
    with pytest.raises(DBAPIError, match="settlement_cycle_before"):
        await superuser.execute(
            text("UPDATE payouts.settlement_cycle SET before_at = cut_at, before_seq = 0")
        )


async def test_another_networks_book_is_closed_by_its_own_zone(world: Database) -> None:
    other = BOOK + 1
    async with world.writing(other) as db:
        await open_book(db, network_id=other, zone="Europe/Berlin", now=NOW)
        await publish_settlement_calendar(
            db,
            network_id=other,
            currency="SAR",
            every=Every.DAY,
            week_start=1,
            cut_time=time(0),
            review_days=0,
            value_days=0,
            weekend=(),
            holidays=(),
            actor="op",
            now=NOW,
        )
        draft = card_honoured("a", UUID(int=1), 5)
        await post_journal(db, network_id=other, draft=draft, now=NOW)
    async with world.writing(other) as db:
        cycle = await close_settlement_cycle(
            db, network_id=other, currency="SAR", actor=MAKER, now=NOW + timedelta(days=1)
        )
    assert cycle.cut.at == datetime(2026, 3, 15, 23, tzinfo=UTC)
