"""A partner's net in one currency is converted into another, at the rate its statement fixed."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.money import Money
from payouts.settlement import (
    CarriedBecause,
    Conversion,
    CycleState,
    Netting,
    Outcome,
    SettlementCycleNotInReview,
    describe_statement,
    publish_payout_policy,
    report_netting,
)
from tests.conftest import NOW
from tests.payouts.settlement.converting import (
    approve,
    assert_sound,
    close,
    convert,
    converted_lines,
    ordered,
    quote,
    statements,
)
from tests.payouts.settlement.world import (
    BOOK,
    P,
    Q,
    R,
    is_owed,
    lines_of,
    money,
    owes,
)

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("currency", "into", "value", "net", "amount"),
    [
        # Half a cent goes to the even one: 62.5 is 62, 37.5 is 38.
        ("EUR", "USD", "1.25", -50, -62),
        ("EUR", "USD", "1.25", -30, -38),
        ("EUR", "USD", "1.25", 50, 62),
        ("EUR", "USD", "1.25", 30, 38),
        ("USD", "KWD", "0.3075", -1_000, -3_075),
        ("USD", "KWD", "0.30745", 1_000, 3_074),
        ("KWD", "USD", "3.25", 1_234, 401),
        ("KWD", "USD", "3.25", -7, -2),
        ("EUR", "JPY", "162.5", -101, -164),
        ("EUR", "JPY", "162.5", 101, 164),
        ("JPY", "EUR", "0.00615", 100, 62),
        ("JPY", "KWD", "0.0020505", -1_000, -2_050),
    ],
)
async def test_a_net_is_converted_and_rounded_once(
    world: Database,
    superuser: AsyncConnection,
    currency: str,
    into: str,
    value: str,
    net: int,
    amount: int,
) -> None:
    await convert(world, into, currency=currency)
    rate = await quote(world, value, base=currency, into=into)
    if net > 0:
        await owes(world, "a", P, net + 40, currency)
        await is_owed(world, "b", P, 40, currency)
    else:
        await is_owed(world, "a", P, -net, currency)
    cycle = await close(world, currency)
    (issued,) = await statements(world, cycle)
    assert rate.fx_rate_id is not None
    assert (issued.outcome, issued.net) == (Outcome.CONVERTED, money(net, currency))
    assert issued.conversion == Conversion(rate.fx_rate_id, money(amount, into))
    assert (issued.to_settle, issued.carried, issued.exchanged, issued.carried_because) == (
        money(0, currency),
        money(0, currency),
        money(net, currency),
        None,
    )
    assert await converted_lines(superuser) == []
    approved = await approve(world, cycle)
    assert (approved.state, approved.settled_at) == (CycleState.SETTLED, NOW)
    side = "partner_recv" if net > 0 else "partner_payable"
    clearing = str(cycle.cycle_id)[-2:]
    assert await converted_lines(superuser) == [
        ("settle_clearing", currency, clearing, -net),
        (side, into, "0a", amount),
        ("fx_position", into, "-", -amount),
        ("fx_position", currency, "-", net),
    ]
    assert await lines_of(superuser, "settlement.position") == []
    assert await ordered(superuser) == []
    await assert_sound(superuser)


async def test_the_journal_carries_the_rate_and_who_quoted_it(
    world: Database, superuser: AsyncConnection
) -> None:
    await convert(world, "USD")
    rate = await quote(world, "1.08")
    await is_owed(world, "a", P, 1_000)
    await is_owed(world, "b", P, 10_000, "EUR")
    cycle = await close(world)
    await approve(world, cycle)
    rows = await superuser.execute(
        text(
            "SELECT note, cause_kind, cause_id FROM payouts.journal"
            " WHERE kind = 'settlement.convert'"
        )
    )
    ((note, cause_kind, cause_id),) = rows
    assert (cause_kind, cause_id) == ("settlement_cycle", str(cycle.cycle_id))
    assert note == {
        "statement": 1,
        "fx_rate_id": str(rate.fx_rate_id),
        "fx_rate": "1.08",
        "fx_base": "EUR",
        "fx_quote": "USD",
        "fx_source": "central bank",
        "fx_observed_at": NOW.isoformat(),
    }


async def test_two_cycles_end_in_one_payout_of_the_other_currency(
    world: Database, superuser: AsyncConnection
) -> None:
    await convert(world, "USD")
    await quote(world, "1.1")
    await is_owed(world, "a", P, 10_000, "EUR")
    await owes(world, "b", P, 2_500, "EUR")
    await is_owed(world, "c", P, 3_000, "USD")
    await is_owed(world, "d", Q, 500, "EUR")
    euros = await close(world)
    assert [(one.outcome, one.net.minor) for one in await statements(world, euros)] == [
        (Outcome.CONVERTED, -7_500),
        (Outcome.PAY, -500),
    ]
    assert (await approve(world, euros)).state is CycleState.EXECUTING
    assert await ordered(superuser) == [("payout", Q, "EUR", 500)]
    later = NOW + SECOND
    dollars = await close(world, "USD", later)
    (one,) = await statements(world, dollars)
    # 75.00 EUR are 82.50 USD, beside the 30.00 of its own.
    assert (one.outcome, one.net, one.lines_count) == (Outcome.PAY, money(-11_250, "USD"), 2)
    async with world.reading(BOOK) as db:
        described = await describe_statement(db, network_id=BOOK, statement_id=one.statement_id)
    assert {kind: moved.net.minor for kind, moved in described.moved_kinds.items()} == {
        "giftcard.capture": -3_000,
        "settlement.convert": -8_250,
    }
    await approve(world, dollars, later)
    assert await ordered(superuser) == [
        ("payout", P, "USD", 11_250),
        ("payout", Q, "EUR", 500),
    ]
    # In euros nothing is left: the next cycle sets off what was converted.
    await is_owed(world, "e", P, 100, "EUR", now=later)
    (after, _) = await statements(world, await close(world, now=later + SECOND))
    assert (after.opening, after.settled, after.net) == (
        money(-7_500, "EUR"),
        money(7_500, "EUR"),
        money(-100, "EUR"),
    )
    await assert_sound(superuser, later + SECOND)


async def test_who_owes_in_one_currency_owes_less_in_the_other(
    world: Database, superuser: AsyncConnection
) -> None:
    await convert(world, "USD")
    await quote(world, "1.1")
    await owes(world, "a", P, 10_000, "EUR")
    await is_owed(world, "b", P, 3_000, "USD")
    await approve(world, await close(world))
    dollars = await close(world, "USD", NOW + SECOND)
    (one,) = await statements(world, dollars)
    assert (one.outcome, one.receivable.minor, one.payable.minor) == (
        Outcome.COLLECT,
        11_000,
        3_000,
    )
    await approve(world, dollars, NOW + SECOND)
    assert await ordered(superuser) == [("collection", P, "USD", 8_000)]
    await assert_sound(superuser, NOW + SECOND)


async def test_neither_minimum_nor_multiple_counts_until_it_is_paid(
    world: Database, superuser: AsyncConnection
) -> None:
    async with world.writing(BOOK) as db:
        for currency in ("KWD", "USD"):
            await publish_payout_policy(
                db,
                network_id=BOOK,
                approval_above=Money(0, currency),
                minimum=Money(5_000, currency),
                actor="op",
                now=NOW,
            )
    await convert(world, "USD", currency="KWD")
    await quote(world, "3.25", base="KWD")
    await is_owed(world, "a", P, 1_237, "KWD")
    await is_owed(world, "b", Q, 1_237, "KWD")
    cycle = await close(world, "KWD")
    first, second = await statements(world, cycle)
    assert first.conversion is not None
    assert (first.conversion.amount, first.remainder) == (money(-402, "USD"), money(0, "KWD"))
    assert (second.outcome, second.carried_because) == (
        Outcome.CARRIED,
        CarriedBecause.BELOW_MINIMUM,
    )
    await approve(world, cycle)
    (one,) = await statements(world, await close(world, "USD", NOW + SECOND))
    assert (one.outcome, one.net, one.carried_because) == (
        Outcome.CARRIED,
        money(-402, "USD"),
        CarriedBecause.BELOW_MINIMUM,
    )


async def test_a_net_that_comes_to_nothing_is_carried_and_one_of_nothing_is_netted(
    world: Database,
) -> None:
    for partner in (P, Q, R):
        await convert(world, "EUR", currency="JPY", partner_id=partner)
    await quote(world, "0.005", base="JPY", into="EUR")
    await is_owed(world, "a", P, 1, "JPY")  # half a cent
    await is_owed(world, "b", Q, 3, "JPY")  # one and a half
    await is_owed(world, "c", R, 5, "JPY")
    await owes(world, "d", R, 5, "JPY")
    found = await statements(world, await close(world, "JPY"))
    assert [
        (one.outcome, one.carried_because, one.conversion and one.conversion.amount.minor)
        for one in found
    ] == [
        (Outcome.CARRIED, CarriedBecause.BELOW_MINIMUM, None),
        (Outcome.CONVERTED, None, -2),
        (Outcome.NETTED, None, None),
    ]


async def test_netting_tells_what_is_converted_from_what_is_saved(world: Database) -> None:
    await convert(world, "USD")
    await quote(world, "1.25")
    await is_owed(world, "a", P, 1_000, "EUR")
    await owes(world, "b", P, 300, "EUR")
    await owes(world, "c", Q, 400, "EUR")
    cycle = await close(world)
    async with world.reading(BOOK) as db:
        found = await report_netting(db, network_id=BOOK, cycle_ids=[cycle.cycle_id])
    netting = found[cycle.cycle_id]
    assert netting == Netting(
        money(1_700, "EUR"), money(400, "EUR"), 1, 1, converted=money(700, "EUR")
    )
    assert netting.saved == money(600, "EUR")


async def test_of_two_closes_and_approvals_at_once_one_converts(
    world: Database, superuser: AsyncConnection
) -> None:
    await convert(world, "USD")
    await quote(world, "1.25")
    await is_owed(world, "a", P, 1_000, "EUR")
    made = await asyncio.gather(*(close(world) for _ in range(4)))
    assert len({one.cycle_id for one in made}) == 1
    approved = await asyncio.gather(
        *(approve(world, made[0]) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in approved) == [
        "SettlementCycle",
        *["SettlementCycleNotInReview"] * 3,
    ]
    assert len(await converted_lines(superuser)) == 4
    with pytest.raises(SettlementCycleNotInReview):
        await approve(world, made[0])
    await assert_sound(superuser)
