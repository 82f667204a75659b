"""What corrects a final statement is told once, and settled where it falls."""

import asyncio
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database, Scope
from payouts.ledger import open_book
from payouts.settlement import (
    AdjustmentReason,
    AdjustmentStatement,
    NothingToAdjust,
    Statement,
    StatementAltered,
    StatementNotFinal,
    StatementNotFound,
    describe_adjustment,
    issue_adjustment_statement,
    read_adjustment_statements,
)
from tests.conftest import NOW
from tests.payouts.disputes import test_disputes as disputing
from tests.payouts.settlement.adjusting import (
    adjust,
    adjustments_of,
    approve,
    assert_sound,
    close,
    everything,
    lines_of,
    post,
    settle,
    statements_of,
)
from tests.payouts.settlement.calendars import publish
from tests.payouts.settlement.world import BOOK, MAKER, P, Q, assert_books_balance, money

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


async def test_a_reversal_after_the_close_is_told_and_settled_by_the_next_cycle(
    world: Database, superuser: AsyncConnection
) -> None:
    traded = await post(world, "a", P, 600, at=NOW)
    await post(world, "b", P, 400, at=NOW, side="partner_payable")
    await post(world, "q", Q, 70, at=NOW)
    final = await settle(world, NOW + DAY)
    back = await post(world, "a back", P, -200, at=NOW + 2 * DAY, reverses=traded)
    await post(world, "new", P, 5, at=NOW + 2 * DAY)
    before = await everything(superuser)
    made = await adjust(world, final[P], NOW + 3 * DAY)
    after = await everything(superuser)
    assert (made.number, made.adjusts.number, made.lines_count) == (3, 1, 1)
    assert (made.moved.receivable, made.moved.payable) == (money(-200), money(0))
    assert (made.partner_id, made.currency, made.issued_by) == (P, "SAR", MAKER)
    # A document and the places of what was sealed for it: no journal, no other row.
    for table in ("statement", "settlement_cycle", "journal", "posting"):
        assert after[table] == before[table]
    assert len(after["adjustment_statement"]) == 1
    (line,) = await lines_of(world, made)
    assert (line.journal_id, line.amount, line.reason) == (
        back,
        money(-200),
        AdjustmentReason.REVERSAL,
    )
    assert (line.corrects, line.is_late, line.settled_in) == (traded, False, None)
    second = await settle(world, NOW + 4 * DAY)
    # 600 and 400 were settled; what is new is 5, less the 200 that came back.
    assert (second[P].number, second[P].net) == (4, money(-195))
    (line,) = await lines_of(world, made)
    assert line.settled_in is not None
    assert (line.settled_in.number, line.settled_in.state.value) == (4, "final")
    await assert_sound(superuser)
    await assert_books_balance(superuser)


async def test_its_hash_covers_what_it_adjusts_and_all_that_it_says(world: Database) -> None:
    traded = await post(world, "a", P, 600, at=NOW)
    final = (await settle(world, NOW + DAY))[P]
    await post(world, "back", P, -200, at=NOW + 2 * DAY, reverses=traded)
    made = await adjust(world, final, NOW + 3 * DAY)
    # Two journals settled the statement, the one that came back is behind them.
    assert (made.from_seq, made.to_seq, made.block) == (1, 4, None)
    said = (
        f'{{"adjusts":[1,1,"{final.content_hash}"],"block":"","currency":"SAR","from":1,"lines":1,'
        f'"moved":[-200,0],"number":2,"partner":"{P}","to":4}}'
    )
    assert made.content_hash == sha256(said.encode()).hexdigest()
    async with world.reading(BOOK) as db:
        found = await read_adjustment_statements(
            db, network_id=BOOK, adjustment_ids=[made.adjustment_id]
        )
    assert found == {made.adjustment_id: made}


async def test_adjustments_of_a_statement_follow_each_other_and_say_everything_once(
    world: Database, superuser: AsyncConnection
) -> None:
    owing = await post(world, "a", P, 600, at=NOW)
    owed = await post(world, "b", P, 400, at=NOW, side="partner_payable")
    final = (await settle(world, NOW + DAY))[P]
    wanted: list[tuple[UUID, int, int]] = []
    for number, (of, side, minor) in enumerate(
        [
            (owing, "partner_recv", -100),
            (owed, "partner_payable", -400),
            (owing, "partner_recv", -30),
        ]
    ):
        at = NOW + (number + 2) * DAY
        back = await post(world, f"back {number}", P, minor, at=at, side=side, reverses=of)
        made = await adjust(world, final, at)
        with pytest.raises(NothingToAdjust):
            await adjust(world, final, at)
        told = (made.moved.receivable.minor, made.moved.payable.minor)
        assert told == ((minor, 0) if side == "partner_recv" else (0, minor))
        wanted.append((back, *told))
    all_of_them = await adjustments_of(world, final)
    assert [one.number for one in all_of_them] == [2, 3, 4]
    assert [one.to_seq for one in all_of_them[:-1]] == [one.from_seq for one in all_of_them[1:]]
    told_lines = [
        (line.journal_id, one.moved.receivable.minor, one.moved.payable.minor)
        for one in all_of_them
        for line in await lines_of(world, one)
    ]
    assert told_lines == wanted
    assert len({one.content_hash for one in all_of_them}) == 3
    await assert_sound(superuser)


async def test_what_took_effect_behind_the_cut_but_stands_before_its_place_is_told(
    world: Database, superuser: AsyncConnection
) -> None:
    """The window ends at midnight; it is closed in the morning, when some of it came back."""
    await publish(world)
    traded = await post(world, "a", P, 600, at=NOW)
    await post(world, "back", P, -50, at=NOW + 14 * HOUR, reverses=traded)
    final = (await settle(world, NOW + DAY))[P]
    assert (final.net, final.to_seq) == (money(600), 2)
    made = await adjust(world, final, NOW + DAY)
    assert (made.moved.receivable, made.from_seq, made.lines_count) == (money(-50), 1, 1)
    (line,) = await lines_of(world, made)
    assert (line.reason, line.is_late) == (AdjustmentReason.REVERSAL, False)
    with pytest.raises(NothingToAdjust):
        await adjust(world, final, NOW + DAY)
    await assert_sound(superuser)


async def test_a_late_posting_is_told_by_the_statement_of_its_window_alone(
    world: Database, superuser: AsyncConnection
) -> None:
    await post(world, "a", P, 600, at=NOW)
    first = (await settle(world, NOW + DAY))[P]
    await post(world, "b", P, 7, at=NOW + DAY + HOUR)
    second = (await settle(world, NOW + 2 * DAY))[P]
    late = await post(world, "late", P, 30, at=NOW + HOUR, now=NOW + 2 * DAY + HOUR)
    before = await everything(superuser)
    with pytest.raises(NothingToAdjust):
        await adjust(world, second, NOW + 3 * DAY)
    assert await everything(superuser) == before
    made = await adjust(world, first, NOW + 3 * DAY)
    assert made.moved.receivable == money(30)
    (line,) = await lines_of(world, made)
    assert (line.journal_id, line.reason, line.corrects) == (late, AdjustmentReason.LATE, None)
    assert line.is_late
    # One that takes a line of the first back, late for the second, is told by both.
    await post(
        world,
        "both",
        P,
        -600,
        at=NOW + DAY + HOUR,
        now=NOW + 3 * DAY,
        reverses=await _journal(superuser, "a"),
    )
    for one, is_late in ((first, False), (second, True)):
        again = await adjust(world, one, NOW + 4 * DAY)
        (line,) = await lines_of(world, again)
        assert (line.amount, line.is_late) == (money(-600), is_late)
    third = (await settle(world, NOW + 5 * DAY))[P]
    assert third.net == money(-570)
    await assert_sound(superuser)


async def _journal(superuser: AsyncConnection, key: str) -> UUID:
    found = await superuser.execute(
        text("SELECT journal_id FROM payouts.journal WHERE ledger_key = :key"), {"key": key}
    )
    return UUID(str(found.scalar_one()))


@pytest.mark.parametrize("accepted", [100, 0, 250])
async def test_a_decision_after_the_approval_is_told_by_what_it_rejects(
    world: Database, superuser: AsyncConnection, accepted: int
) -> None:
    cycle, mine, (first, *_) = await disputing.reviewed(world)
    opened = await disputing.dispute(world, mine, first)
    at = disputing.CLOSED_AT + 3 * DAY
    await approve(world, cycle, at)
    final = (await statements_of(world, cycle))[P]
    assert (final.number, final.version) == (1, 2)
    await disputing.decide(world, opened.dispute_id, accepted, at + DAY)
    before = await everything(superuser)
    if accepted == 250:
        # The network bears it: the partner neither owes more nor less than the statement says.
        with pytest.raises(NothingToAdjust):
            await adjust(world, final, at + DAY)
        assert await everything(superuser) == before
        return
    made = await adjust(world, final, at + DAY)
    assert made.moved.receivable == money(250 - accepted)
    (line,) = await lines_of(world, made)
    assert (line.kind, line.reason) == ("statement.contest_rejected", AdjustmentReason.DISPUTE)
    assert (line.cause.kind, line.cause.id) == ("dispute", str(opened.dispute_id))
    contest = await _journal(superuser, f"dispute:{opened.dispute_id}:contest")
    assert line.corrects == contest
    # The version that was disputed is superseded, and only what is final is adjusted.
    with pytest.raises(StatementNotFinal):
        await adjust(world, mine, at + DAY)
    await assert_sound(superuser)


async def test_what_is_not_final_or_nothing_or_foreign_changes_nothing(
    world: Database, superuser: AsyncConnection
) -> None:
    traded = await post(world, "a", P, 600, at=NOW)
    other = await post(world, "q", Q, 70, at=NOW)
    cycle = await close(world, NOW + DAY)
    issued = await statements_of(world, cycle)
    await post(world, "back", Q, -70, at=NOW + 2 * DAY, reverses=other)
    before = await everything(superuser)
    with pytest.raises(StatementNotFinal):
        await adjust(world, issued[Q], NOW + 2 * DAY)
    assert await everything(superuser) == before
    await approve(world, cycle, NOW + 2 * DAY)
    approved = await everything(superuser)
    # What came back is the other's.
    with pytest.raises(NothingToAdjust):
        await adjust(world, issued[P], NOW + 2 * DAY)
    async with world.writing(BOOK + 1) as db:
        await open_book(db, network_id=BOOK + 1, zone="Asia/Riyadh", now=NOW)
    for network_id, statement_id in ((BOOK, uuid4()), (BOOK + 1, issued[Q].statement_id)):
        with pytest.raises(StatementNotFound):
            async with world.writing(network_id) as db:
                await issue_adjustment_statement(
                    db, network_id=network_id, statement_id=statement_id, actor=MAKER, now=NOW
                )
    assert await everything(superuser) == approved
    await post(world, "back too", P, -1, at=NOW + 3 * DAY, reverses=traded)
    made = await adjust(world, issued[P], NOW + 3 * DAY)
    assert made.moved.receivable == money(-1)


async def test_another_currency_and_a_reversal_of_a_later_line_are_not_told(
    world: Database, superuser: AsyncConnection
) -> None:
    await post(world, "a", P, 600, at=NOW)
    in_kwd = await post(world, "k", P, 900, at=NOW, currency="KWD")
    final = (await settle(world, NOW + DAY))[P]
    kwd = (await settle(world, NOW + DAY, "KWD"))[P]
    later = await post(world, "later", P, 8, at=NOW + 2 * DAY)
    await post(world, "later back", P, -8, at=NOW + 2 * DAY, reverses=later)
    await post(world, "k back", P, -900, at=NOW + 2 * DAY, currency="KWD", reverses=in_kwd)
    # Settling is no correction, though it took effect right before the cut and was sealed behind.
    with pytest.raises(NothingToAdjust):
        await adjust(world, final, NOW + 3 * DAY)
    made = await adjust(world, kwd, NOW + 3 * DAY)
    assert (made.currency, made.moved.receivable) == ("KWD", money(-900, "KWD"))
    await assert_sound(superuser)


async def test_of_many_at_once_one_is_issued_and_numbers_have_no_gap(
    world: Database, superuser: AsyncConnection
) -> None:
    traded = await post(world, "a", P, 600, at=NOW)
    other = await post(world, "q", Q, 70, at=NOW)
    final = await settle(world, NOW + DAY)
    await post(world, "back", P, -200, at=NOW + 2 * DAY, reverses=traded)
    await post(world, "q back", Q, -70, at=NOW + 2 * DAY, reverses=other)
    at = NOW + 3 * DAY

    async def attempt(one: Statement) -> AdjustmentStatement | None:
        try:
            return await adjust(world, one, at)
        except NothingToAdjust:
            return None

    async def next_cycle() -> None:
        await close(world, at)

    *made, _ = await asyncio.gather(
        *(attempt(final[partner]) for partner in (P, Q) * 6), next_cycle()
    )
    issued = [one for one in made if one is not None]
    assert {one.partner_id: one.moved.receivable.minor for one in issued} == {P: -200, Q: -70}
    assert len(issued) == 2
    numbers = await superuser.execute(
        text(
            "SELECT number FROM payouts.statement UNION ALL"
            " SELECT number FROM payouts.adjustment_statement ORDER BY 1"
        )
    )
    assert list(numbers.scalars()) == [1, 2, 3, 4, 5, 6]
    await assert_sound(superuser)


async def test_a_partner_sees_its_own_alone(world: Database) -> None:
    traded = await post(world, "a", P, 600, at=NOW)
    await post(world, "q", Q, 70, at=NOW)
    final = await settle(world, NOW + DAY)
    await post(world, "back", P, -200, at=NOW + 2 * DAY, reverses=traded)
    made = await adjust(world, final[P], NOW + 2 * DAY)
    await settle(world, NOW + 3 * DAY)
    for partner, seen in ((P, [made.adjustment_id]), (Q, [])):
        async with world.reading(BOOK, Scope("partner", partner)) as db:
            found = await read_adjustment_statements(
                db, network_id=BOOK, adjustment_ids=[made.adjustment_id]
            )
            assert list(found) == seen
    (own,) = await lines_of(world, made, Scope("partner", P))
    assert own.settled_in is not None
    assert (own.amount, own.settled_in.number) == (money(-200), 4)
    async with world.reading(BOOK) as db:
        with pytest.raises(StatementNotFound):
            await describe_adjustment(
                db, network_id=BOOK, adjustment_id=made.adjustment_id, partner_id=Q
            )


async def test_a_document_is_told_only_as_long_as_its_lines_come_to_it(
    world: Database, superuser: AsyncConnection
) -> None:
    traded = await post(world, "a", P, 600, at=NOW)
    final = (await settle(world, NOW + DAY))[P]
    await post(world, "back", P, -200, at=NOW + 2 * DAY, reverses=traded)
    made = await adjust(world, final, NOW + 2 * DAY)
    given: dict[str, Any] = {"network_id": BOOK, "adjustment_id": made.adjustment_id}
    async with world.reading(BOOK) as db:
        described = await describe_adjustment(db, **given, partner_id=P)
    assert {reason: one.net.minor for reason, one in described.reasons.items()} == {
        AdjustmentReason.REVERSAL: -200
    }
    assert described.lines.count == 1
    await superuser.execute(text("UPDATE payouts.adjustment_statement SET payable = 1"))
    async with world.reading(BOOK) as db:
        with pytest.raises(StatementAltered):
            await describe_adjustment(db, **given)
