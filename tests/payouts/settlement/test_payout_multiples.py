"""A net is settled in multiples that can be paid; what is left over stays whose it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.disbursement import approve_settlement_cycle
from payouts.ledger import Account, read_balances
from payouts.money import CURRENCIES, Money, payout_multiple
from payouts.settlement import (
    Outcome,
    Sides,
    Statement,
    close_settlement_cycle,
    describe_statement,
    list_cycle_statements,
)
from payouts.settlement.model import decide_outcome
from tests.conftest import NOW
from tests.payouts.settlement.world import (
    BOOK,
    CHECKER,
    MAKER,
    P,
    Q,
    assert_books_balance,
    is_owed,
    lines_of,
    owes,
)


def money(minor: int) -> Money:
    return Money(minor, "KWD")


async def settle(world: Database, currency: str = "KWD") -> list[Statement]:
    async with world.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency=currency, actor=MAKER, now=NOW
        )
    async with world.writing(BOOK) as db:
        await approve_settlement_cycle(
            db, network_id=BOOK, cycle_id=cycle.cycle_id, actor=CHECKER, now=NOW
        )
        return await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle.cycle_id)


async def ordered(superuser: AsyncConnection) -> list[tuple[str, int]]:
    rows = await superuser.execute(
        text(
            "SELECT 'paid' AS way, amount FROM payouts.payout UNION ALL"
            " SELECT 'collected', amount FROM payouts.collection ORDER BY way, amount"
        )
    )
    return [tuple(row) for row in rows]


async def standing(world: Database, kind: str) -> int:
    account = Account(kind, str(P), "KWD")
    async with world.reading(BOOK) as db:
        return (await read_balances(db, network_id=BOOK, accounts=[account]))[account].posted.minor


async def test_the_digit_that_cannot_be_paid_opens_the_next_statement(
    world: Database, superuser: AsyncConnection
) -> None:
    await owes(world, "a", P, 1_000, "KWD")
    await is_owed(world, "b", P, 3_234, "KWD")
    (first,) = await settle(world)
    assert (first.outcome, first.net) == (Outcome.PAY, money(-2_234))
    assert (first.to_settle, first.carried) == (money(-2_230), money(-4))
    assert await ordered(superuser) == [("paid", 2_230)]
    assert await lines_of(superuser, "settlement.net") == [
        ("partner_recv", "0a", -1_000),
        ("partner_payable", "0a", 3_230),
        ("settle_clearing", str(first.cycle_id)[-2:], -2_230),
    ]
    assert [amount for _, _, amount in await lines_of(superuser, "settlement.position")] == [
        -2_230,
        2_230,
    ]
    assert (await standing(world, "partner_recv"), await standing(world, "partner_payable")) == (
        0,
        4,
    )
    async with world.reading(BOOK) as db:
        described = await describe_statement(db, network_id=BOOK, statement_id=first.statement_id)
    assert described.to_settle == money(-2_230)
    # With six more it comes to one that can be paid.
    await is_owed(world, "c", P, 6, "KWD")
    (second,) = await settle(world)
    assert second.position.opening == Sides(money(1_000), money(3_234))
    assert second.position.settled == Sides(money(-1_000), money(-3_230))
    assert (second.net, second.to_settle, second.carried) == (money(-10), money(-10), money(0))
    assert await ordered(superuser) == [("paid", 10), ("paid", 2_230)]
    assert await standing(world, "partner_payable") == 0
    await assert_books_balance(superuser)


async def test_the_digit_that_cannot_be_collected_stays_owed(
    world: Database, superuser: AsyncConnection
) -> None:
    await owes(world, "a", P, 5_678, "KWD")
    await is_owed(world, "b", P, 1_001, "KWD")
    (first,) = await settle(world)
    assert (first.outcome, first.net) == (Outcome.COLLECT, money(4_677))
    assert (first.to_settle, first.carried) == (money(4_670), money(7))
    assert await ordered(superuser) == [("collected", 4_670)]
    assert (await standing(world, "partner_recv"), await standing(world, "partner_payable")) == (
        7,
        0,
    )
    await assert_books_balance(superuser)


async def test_less_than_a_multiple_is_carried_whole_and_its_cycle_is_settled(
    world: Database, superuser: AsyncConnection
) -> None:
    await is_owed(world, "a", P, 99, "HUF")
    await owes(world, "b", Q, 99, "HUF")
    statements = await settle(world, "HUF")
    assert [(one.outcome, one.carried.minor) for one in statements] == [
        (Outcome.CARRIED, -99),
        (Outcome.CARRIED, 99),
    ]
    assert await ordered(superuser) == []
    assert await lines_of(superuser, "settlement.net") == []
    assert await lines_of(superuser, "settlement.position") == []


@pytest.mark.parametrize("minimum", [1, 250])
@given(st.integers(-10_000, 10_000), st.sampled_from(sorted(CURRENCIES)))
def test_what_is_settled_and_what_remains_are_the_net(
    minimum: int, minor: int, currency: str
) -> None:
    net, multiple = Money(minor, currency), payout_multiple(currency)
    outcome, remainder = decide_outcome(net, Money(minimum, currency))
    is_carried = 0 < abs(minor) < max(minimum, multiple)
    assert (outcome is Outcome.CARRIED) == is_carried
    assert 0 <= abs(remainder.minor) < multiple
    if outcome in (Outcome.PAY, Outcome.COLLECT):
        settled = net - remainder
        assert settled.minor % multiple == 0
        assert (settled.minor > 0) == (outcome is Outcome.COLLECT)
    else:
        assert not remainder
