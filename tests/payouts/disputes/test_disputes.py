"""A partner disputes a line: the contested part waits, the rest is settled, a decision posts."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database, Scope
from payouts.disputes import (
    Dispute,
    DisputeAboveLine,
    DisputeNotFound,
    DisputeNotOpen,
    DisputeState,
    DisputeTooLate,
    InvalidReason,
    LineDisputed,
    LineNotDisputable,
    StatementNotDisputable,
    decide_dispute,
    list_disputes,
    open_dispute,
    withdraw_dispute,
)
from payouts.ledger import Movement
from payouts.money import CurrencyMismatch, Money
from payouts.settlement import (
    SettlementCycle,
    Statement,
    StatementNotFound,
    close_settlement_cycle,
    list_cycle_statements,
    list_statement_lines,
    post_settlement_cycle,
)
from tests.conftest import NOW
from tests.payouts.settlement.calendars import publish
from tests.payouts.settlement.world import (
    BOOK,
    CHECKER,
    MAKER,
    P,
    Q,
    assert_books_balance,
    balance_of,
    is_owed,
    lines_of,
    money,
    owes,
)

CLOSED_AT = NOW + timedelta(days=1)
PARTNER = f"partner:{P}"


async def reviewed(world: Database) -> tuple[SettlementCycle, Statement, list[Movement]]:
    """P owes 600 and 50 and is owed 400; the cycle may be disputed for three days."""
    await publish(world, review_days=3)
    await owes(world, "a", P, 600)
    await owes(world, "b", P, 50)
    await is_owed(world, "c", P, 400)
    await owes(world, "d", Q, 70)
    async with world.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency="SAR", actor=MAKER, now=CLOSED_AT
        )
    mine = (await statements_of(world, cycle))[0]
    return cycle, mine, await lines(world, mine)


async def lines(world: Database, one: Statement) -> list[Movement]:
    async with world.reading(BOOK) as db:
        return await list_statement_lines(db, network_id=BOOK, of=one, limit=99)


async def statements_of(world: Database, cycle: SettlementCycle) -> list[Statement]:
    async with world.reading(BOOK) as db:
        return await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle.cycle_id)


async def dispute(world: Database, one: Statement, of: Movement, **changed: Any) -> Dispute:
    given: dict[str, Any] = {
        "partner_id": P,
        "statement_id": one.statement_id,
        "journal_id": of.journal_id,
        "line": of.line,
        "amount": money(250),
        "reason": "Not our shop.",
        "actor": PARTNER,
        "now": CLOSED_AT + timedelta(hours=1),
    }
    async with world.writing(BOOK) as db:
        return await open_dispute(db, network_id=BOOK, **given | changed)


async def decide(
    world: Database, dispute_id: UUID, minor: int, now: datetime, **changed: Any
) -> Dispute:
    given: dict[str, Any] = {"accepted": money(minor), "remark": "Looked at.", "actor": CHECKER}
    async with world.writing(BOOK) as db:
        return await decide_dispute(
            db, network_id=BOOK, dispute_id=dispute_id, now=now, **given | changed
        )


async def approve(world: Database, cycle: SettlementCycle, now: datetime) -> None:
    async with world.writing(BOOK) as db:
        await post_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=now
        )


async def everything(superuser: AsyncConnection) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for table in ("dispute", "statement", "settlement_cycle", "journal"):
        rows = await superuser.execute(text(f"SELECT * FROM payouts.{table} ORDER BY 1, 2"))
        found += [tuple(row) for row in rows]
    return found


async def test_the_contested_amount_waits_and_the_rest_is_settled(
    world: Database, superuser: AsyncConnection
) -> None:
    cycle, mine, (first, *_) = await reviewed(world)
    opened = await dispute(world, mine, first)
    assert (opened.state, opened.amount) == (DisputeState.OPEN, money(250))
    now_mine, other = await statements_of(world, cycle)
    assert (now_mine.number, now_mine.version, now_mine.net) == (1, 2, money(0))
    assert (other.version, other.net) == (1, money(70))
    new = await lines(world, now_mine)
    assert [(one.kind, one.amount.minor) for one in new][-1] == ("statement.contest", -250)
    assert await balance_of(superuser, "partner_contested") == 250
    await approve(world, cycle, CLOSED_AT + timedelta(days=3))
    assert await lines_of(superuser, "settlement.position") == [
        ("settle_recv", "0b", 70),
        ("settle_clearing", str(cycle.cycle_id)[-2:], -70),
    ]
    assert await balance_of(superuser, "partner_contested") == 250
    await assert_books_balance(superuser)


@pytest.mark.parametrize(
    ("accepted", "state"),
    [
        (250, DisputeState.ACCEPTED),
        (100, DisputeState.PARTIALLY_ACCEPTED),
        (0, DisputeState.REJECTED),
    ],
)
async def test_a_decision_posts_what_each_bears_into_the_cycle_of_its_day(
    world: Database, superuser: AsyncConnection, accepted: int, state: DisputeState
) -> None:
    cycle, mine, (first, *_) = await reviewed(world)
    opened = await dispute(world, mine, first)
    await approve(world, cycle, CLOSED_AT + timedelta(days=3))
    at = CLOSED_AT + timedelta(days=5)
    decided = await decide(world, opened.dispute_id, accepted, at)
    assert (decided.state, decided.accepted, decided.decided_by) == (
        state,
        money(accepted),
        CHECKER,
    )
    assert await balance_of(superuser, "partner_contested") == 0
    assert await balance_of(superuser, "settlement_concession") == accepted
    assert await balance_of(superuser, "partner_recv") == 250 - accepted
    if accepted < 250:
        async with world.writing(BOOK) as db:
            second = await close_settlement_cycle(
                db, network_id=BOOK, currency="SAR", actor=MAKER, now=at + timedelta(days=1)
            )
        again = (await statements_of(world, second))[0]
        (came_back,) = [
            one for one in await lines(world, again) if one.kind == "statement.contest_rejected"
        ]
        assert came_back.amount == money(250 - accepted)
        assert (came_back.cause.kind, came_back.cause.id) == ("dispute", str(opened.dispute_id))
        assert again.net == money(250 - accepted)
    await assert_books_balance(superuser)


async def test_what_was_taken_off_a_credit_can_be_contested(
    world: Database, superuser: AsyncConnection
) -> None:
    _, mine, (*_, credited) = await reviewed(world)
    before = await everything(superuser)
    # A line by which the partner is owed more is none that it bears.
    with pytest.raises(LineNotDisputable):
        await dispute(world, mine, credited, amount=money(1))
    assert await everything(superuser) == before


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"amount": money(601)}, DisputeAboveLine),
        ({"amount": money(0)}, DisputeAboveLine),
        ({"amount": money(-1)}, DisputeAboveLine),
        ({"amount": Money(1, "KWD")}, CurrencyMismatch),
        ({"partner_id": Q}, StatementNotFound),
        ({"statement_id": uuid4()}, StatementNotFound),
        ({"journal_id": uuid4()}, LineNotDisputable),
        ({"line": 2}, LineNotDisputable),
        ({"line": 9}, LineNotDisputable),
        ({"reason": " "}, InvalidReason),
        ({"reason": "x" * 501}, InvalidReason),
        ({"now": CLOSED_AT + timedelta(days=3)}, DisputeTooLate),
    ],
)
async def test_what_cannot_be_disputed_changes_nothing(
    world: Database, superuser: AsyncConnection, changed: dict[str, Any], error: type[Exception]
) -> None:
    _, mine, (first, *_) = await reviewed(world)
    before = await everything(superuser)
    with pytest.raises(error):
        await dispute(world, mine, first, **changed)
    assert await everything(superuser) == before


async def test_a_line_is_disputed_once_also_by_many_at_once(
    world: Database, superuser: AsyncConnection
) -> None:
    _, mine, (first, second, *_) = await reviewed(world)

    async def attempt() -> bool:
        try:
            await dispute(world, mine, first)
        except (LineDisputed, StatementNotDisputable):
            return False
        return True

    assert sorted(await asyncio.gather(*(attempt() for _ in range(8)))) == [False] * 7 + [True]
    # The version that was looked at is superseded; the one that stands has the other line still.
    with pytest.raises(StatementNotDisputable):
        await dispute(world, mine, second, amount=money(50))
    (stands,) = [one for one in await lines_statement(world) if one.partner_id == P]
    with pytest.raises(LineDisputed):
        await dispute(world, stands, first, amount=money(1))
    await dispute(world, stands, second, amount=money(50))
    assert await balance_of(superuser, "partner_contested") == 300
    await assert_books_balance(superuser)


async def lines_statement(world: Database) -> list[Statement]:
    async with world.reading(BOOK) as db:
        rows = await db.execute(
            text("SELECT cycle_id FROM payouts.settlement_cycle WHERE network_id = :n"),
            {"n": BOOK},
        )
        cycle_id = rows.scalar_one()
        return await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle_id)


async def test_a_decision_is_made_once_by_somebody_else_and_never_above(
    world: Database, superuser: AsyncConnection
) -> None:
    _, mine, (first, *_) = await reviewed(world)
    opened = await dispute(world, mine, first)
    at = CLOSED_AT + timedelta(hours=2)
    before = await everything(superuser)
    for changed, error in (
        ({"accepted": money(251)}, DisputeAboveLine),
        ({"accepted": money(-1)}, DisputeAboveLine),
        ({"accepted": Money(1, "KWD")}, CurrencyMismatch),
        ({"remark": ""}, InvalidReason),
    ):
        with pytest.raises(error):
            await decide(world, opened.dispute_id, 0, at, **changed)
    with pytest.raises(DisputeNotFound):
        await decide(world, uuid4(), 0, at)
    with pytest.raises(DBAPIError, match="dispute_four_eyes"):
        await decide(world, opened.dispute_id, 0, at, actor=PARTNER)
    assert await everything(superuser) == before

    async def attempt(minor: int) -> int | None:
        try:
            await decide(world, opened.dispute_id, minor, at)
        except DisputeNotOpen:
            return None
        return minor

    made = [one for one in await asyncio.gather(*map(attempt, range(8))) if one is not None]
    assert len(made) == 1
    assert await balance_of(superuser, "settlement_concession") == made[0]
    assert await balance_of(superuser, "partner_contested") == 0
    await assert_books_balance(superuser)


async def test_withdrawn_it_is_owed_again_and_may_be_disputed_anew(
    world: Database, superuser: AsyncConnection
) -> None:
    cycle, mine, (first, *_) = await reviewed(world)
    opened = await dispute(world, mine, first)
    async with world.writing(BOOK) as db:
        with pytest.raises(DisputeNotFound):
            await withdraw_dispute(
                db,
                network_id=BOOK,
                dispute_id=opened.dispute_id,
                partner_id=Q,
                actor="q",
                now=CLOSED_AT,
            )
    async with world.writing(BOOK) as db:
        ended = await withdraw_dispute(
            db,
            network_id=BOOK,
            dispute_id=opened.dispute_id,
            partner_id=P,
            actor=PARTNER,
            now=CLOSED_AT + timedelta(hours=2),
        )
    assert (ended.state, ended.accepted) == (DisputeState.WITHDRAWN, money(0))
    assert await balance_of(superuser, "partner_contested") == 0
    (stands, _) = await statements_of(world, cycle)
    await dispute(world, stands, first, amount=money(10), now=CLOSED_AT + timedelta(hours=3))
    assert await balance_of(superuser, "partner_contested") == 10
    async with world.reading(BOOK, Scope("partner", P)) as db:
        mine_all = await list_disputes(db, network_id=BOOK, limit=9)
        still = await list_disputes(db, network_id=BOOK, limit=9, is_open=True)
    async with world.reading(BOOK, Scope("partner", Q)) as db:
        assert await list_disputes(db, network_id=BOOK, limit=9) == []
    assert [one.amount.minor for one in mine_all] == [10, 250]
    assert [one.amount.minor for one in still] == [10]
    await assert_books_balance(superuser)


async def test_disputes_and_approval_at_once_end_in_sound_books(
    world: Database, superuser: AsyncConnection
) -> None:
    cycle, mine, (first, second, *_) = await reviewed(world)
    last = CLOSED_AT + timedelta(days=3)

    async def attempt(line: Movement, minor: int) -> bool:
        try:
            await dispute(
                world, mine, line, amount=money(minor), now=last - timedelta(microseconds=1)
            )
        except StatementNotDisputable:
            return False
        return True

    done = await asyncio.gather(
        attempt(first, 250), attempt(second, 50), approve(world, cycle, last)
    )
    contested = sum(minor for minor, made in zip((250, 50), done[:2], strict=True) if made)
    assert await balance_of(superuser, "partner_contested") == contested
    assert (
        await balance_of(superuser, "partner_recv") + await balance_of(superuser, "partner_payable")
        == 0
    )
    await assert_books_balance(superuser)
