import asyncio
import itertools
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database, Scope
from payouts.ledger import Cut, Movement, post_journal
from payouts.money import Money
from payouts.settlement import (
    CycleState,
    NothingToSettle,
    Outcome,
    SettlementCycle,
    Sides,
    Statement,
    StatementNotFound,
    close_settlement_cycle,
    get_statement,
    list_cycle_statements,
    list_statement_lines,
    list_statements,
    post_settlement_cycle,
    publish_payout_policy,
    total_statements,
)
from tests.conftest import NOW
from tests.payouts.settlement.world import (
    BOOK,
    CHECKER,
    MAKER,
    P,
    Q,
    card_honoured,
    is_owed,
    money,
    owes,
)


async def close(
    world: Database, currency: str = "SAR", *, now: datetime = NOW, ends_at: datetime | None = None
) -> SettlementCycle:
    async with world.writing(BOOK) as db:
        return await close_settlement_cycle(
            db, network_id=BOOK, currency=currency, actor=MAKER, now=now, ends_at=ends_at
        )


async def settle(world: Database) -> SettlementCycle:
    """Close a cycle and approve it."""
    cycle = await close(world)
    async with world.writing(BOOK) as db:
        await post_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=NOW
        )
    return cycle


async def statements_of(world: Database, cycle: SettlementCycle) -> list[Statement]:
    async with world.reading(BOOK) as db:
        return await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle.cycle_id)


async def earlier_statements(world: Database, last: SettlementCycle) -> list[Statement]:
    async with world.reading(BOOK) as db:
        found = await list_statements(
            db, network_id=BOOK, since=NOW, until=NOW.replace(year=2027), limit=99
        )
    return [one for one in found if one.cycle_id != last.cycle_id]


async def cycles(superuser: AsyncConnection) -> int:
    return int(
        (
            await superuser.execute(text("SELECT count(*) FROM payouts.settlement_cycle"))
        ).scalar_one()
    )


async def test_statements_hold_gross_and_net_of_each_partner(world: Database) -> None:
    await owes(world, "a", P, 600)
    await owes(world, "b", P, 50)
    await is_owed(world, "c", P, 1_746)
    await owes(world, "d", Q, 700)
    cycle = await close(world)
    assert (cycle.number, cycle.from_seq, cycle.before) == (1, 0, None)
    assert cycle.cut == Cut(NOW + timedelta(microseconds=1), 4)
    assert cycle.state is CycleState.IN_REVIEW
    first, second = await statements_of(world, cycle)
    assert (first.number, first.partner_id, first.receivable, first.payable) == (
        1,
        P,
        money(650),
        money(1_746),
    )
    assert (first.net, first.outcome, first.lines_count) == (money(-1_096), Outcome.PAY, 3)
    assert (second.number, second.net, second.outcome) == (2, money(700), Outcome.COLLECT)
    assert len(first.content_hash) == len(cycle.result_hash) == 64


async def test_two_closes_at_once_make_one_cycle(
    world: Database, superuser: AsyncConnection
) -> None:
    await owes(world, "a", P, 600)
    made = await asyncio.gather(*(close(world) for _ in range(8)))
    assert len({one.cycle_id for one in made}) == 1
    assert await cycles(superuser) == 1


async def test_nothing_to_settle_makes_no_cycle(
    world: Database, superuser: AsyncConnection
) -> None:
    with pytest.raises(NothingToSettle):
        await close(world)
    assert await cycles(superuser) == 0


async def test_every_posting_is_in_exactly_one_cycle(
    world: Database, superuser: AsyncConnection
) -> None:
    """Writers go on while cycles are closed; a late commit lands in the next cycle."""

    async def write() -> None:
        for number in range(20):
            await owes(world, f"w{number}", P, 100)

    async def close_often() -> None:
        for _ in range(6):
            await asyncio.sleep(0.01)
            try:
                await settle(world)
            except NothingToSettle:
                continue

    await asyncio.gather(write(), close_often())
    await owes(world, "last", P, 1)
    last = await settle(world)
    moved, settled, lines = (
        await superuser.execute(
            text(
                "SELECT sum(receivable), sum(settled_receivable), sum(lines_count)"
                " FROM payouts.statement"
            )
        )
    ).one()
    assert moved == 2_001
    # Every cycle but the last was netted by one line, which the next one shows.
    assert lines == 21 + last.number - 1
    assert settled == -sum(
        [one.gross_receivable.minor for one in await earlier_statements(world, last)]
    )
    cuts = await superuser.execute(
        text(
            "SELECT before_seq, before_at, to_seq, cut_at FROM payouts.settlement_cycle"
            " ORDER BY number"
        )
    )
    joined = [tuple(row) for row in cuts]
    assert joined[0][:2] == (None, None)
    assert all(earlier[2:] == later[:2] for earlier, later in itertools.pairwise(joined))


async def test_what_commits_after_a_close_is_in_the_next_cycle(world: Database) -> None:
    await is_owed(world, "before", P, 100)
    async with world.writing(BOOK) as slow:
        late = card_honoured("late", P, 7)
        await post_journal(slow, network_id=BOOK, draft=late, now=NOW)
        await is_owed(world, "meanwhile", P, 20)
        first = await settle(world)
    second = await close(world)
    owed = [[one.payable for one in await statements_of(world, each)] for each in (first, second)]
    assert owed == [[money(120)], [money(7)]]


async def test_statement_numbers_have_no_gap_over_cycles(world: Database) -> None:
    await owes(world, "a", P, 10)
    await owes(world, "b", Q, 10)
    one = await statements_of(world, await settle(world))
    await owes(world, "c", Q, 10)
    two = await statements_of(world, await close(world))
    assert [statement.number for statement in one + two] == [1, 2, 3, 4]


async def test_net_below_the_minimum_is_carried_into_the_next_statement(world: Database) -> None:
    async with world.writing(BOOK) as db:
        await publish_payout_policy(
            db,
            network_id=BOOK,
            approval_above=money(0),
            minimum=money(500),
            actor="op",
            now=NOW,
        )
    await owes(world, "a", P, 100)
    await is_owed(world, "b", P, 550)
    (first,) = await statements_of(world, await settle(world))
    assert (first.outcome, first.net, first.carried) == (Outcome.CARRIED, money(-450), money(-450))
    await is_owed(world, "c", P, 60)
    (second,) = await statements_of(world, await close(world))
    assert second.position.opening == Sides(money(100), money(550))
    assert (second.opening, second.settled) == (money(-450), money(0))
    assert (second.payable, second.net) == (money(60), money(-510))
    assert second.outcome is Outcome.PAY


async def test_what_was_settled_stands_between_the_opening_and_what_moved(world: Database) -> None:
    await owes(world, "a", P, 100)
    await is_owed(world, "b", P, 550)
    await settle(world)
    await owes(world, "c", P, 30)
    (second,) = await statements_of(world, await close(world))
    assert second.position.opening == Sides(money(100), money(550))
    assert second.position.settled == Sides(money(-100), money(-550))
    assert second.position.moved == Sides(money(30), money(0))
    assert (second.opening, second.settled, second.net) == (money(-450), money(450), money(30))
    async with world.reading(BOOK) as db:
        lines = await list_statement_lines(db, network_id=BOOK, of=second, limit=9)
    assert [(one.kind, one.amount.minor) for one in lines] == [
        ("settlement.net", -100),
        ("settlement.net", 550),
        ("accrual.confirm", 30),
    ]


async def test_lines_are_the_postings_and_sum_to_the_statement(world: Database) -> None:
    later = [NOW + timedelta(seconds=number) for number in range(4)]
    await owes(world, "a", P, 600, now=later[0])
    await is_owed(world, "b", P, 250, now=later[1])
    await owes(world, "c", Q, 99, now=later[2])
    await owes(world, "d", P, 7, now=later[3])
    (mine, _) = await statements_of(world, await close(world, now=later[3]))
    async with world.reading(BOOK, Scope("partner", P)) as db:
        page = await list_statement_lines(db, network_id=BOOK, of=mine, limit=2)
        last = page[-1]
        rest = await list_statement_lines(
            db, network_id=BOOK, of=mine, limit=9, after=(last.seq, last.line)
        )
        back = await list_statement_lines(db, network_id=BOOK, of=mine, limit=9, newest_first=True)
    every: list[Movement] = page + rest
    assert [(one.kind, one.type, one.amount.minor) for one in every] == [
        ("accrual.confirm", "partner_recv", 600),
        ("giftcard.capture", "partner_payable", -250),
        ("accrual.confirm", "partner_recv", 7),
    ]
    assert back == every[::-1]
    assert sum(one.amount.minor for one in every) == mine.net.minor == 357


async def test_partner_sees_its_own_statements_only(world: Database) -> None:
    await owes(world, "a", P, 600)
    await owes(world, "b", Q, 70)
    mine, other = await statements_of(world, await close(world))
    async with world.reading(BOOK, Scope("partner", P)) as db:
        seen = await list_statements(
            db, network_id=BOOK, since=NOW, until=NOW.replace(year=2027), limit=10
        )
        totals = await total_statements(
            db, network_id=BOOK, since=NOW, until=NOW.replace(year=2027), partner_id=P
        )
        with pytest.raises(StatementNotFound):
            await get_statement(db, network_id=BOOK, statement_id=other.statement_id)
    assert seen == [mine]
    assert totals == [(1, money(600), money(0))]


async def test_currencies_are_settled_apart(world: Database) -> None:
    await owes(world, "a", P, 600)
    await is_owed(world, "b", P, 40, currency="KWD")
    riyals, dinars = await close(world), await close(world, "KWD")
    assert (riyals.number, dinars.number) == (1, 2)
    (one,), (two,) = await statements_of(world, riyals), await statements_of(world, dinars)
    assert (one.net, two.net) == (money(600), Money(-40, "KWD"))
    assert (one.number, two.number) == (1, 2)
