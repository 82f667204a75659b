"""A statement keeps the rate of its issue; without one a net waits, and nobody waits with it."""

import json
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.settlement import (
    CarriedBecause,
    CycleState,
    Outcome,
    StatementAltered,
    close_settlement_cycle,
)
from tests.conftest import NOW
from tests.factories.catalog import statements_of
from tests.payouts.settlement.converting import (
    approve,
    assert_sound,
    close,
    convert,
    converted_lines,
    everything,
    ordered,
    quote,
    reissue,
    statements,
)
from tests.payouts.settlement.world import (
    BOOK,
    MAKER,
    P,
    Q,
    R,
    is_owed,
    money,
)

SECOND = timedelta(seconds=1)
DAYS = timedelta(days=2)


@pytest.mark.parametrize(
    ("is_stale", "because"),
    [(False, CarriedBecause.FX_RATE_MISSING), (True, CarriedBecause.FX_RATE_STALE)],
)
async def test_without_a_rate_a_net_is_carried_and_converted_once_there_is_one(
    world: Database, superuser: AsyncConnection, *, is_stale: bool, because: CarriedBecause
) -> None:
    await convert(world, "USD")
    await convert(world, "JPY", partner_id=Q)
    if is_stale:
        await quote(world, "1.2", observed_at=NOW - DAYS)
    await quote(world, "150", into="JPY")
    await quote(world, "0.9", base="USD", into="EUR")  # of the other direction: of no use
    await is_owed(world, "a", P, 1_000, "EUR")
    await is_owed(world, "b", Q, 200, "EUR")
    await is_owed(world, "c", R, 300, "EUR")
    cycle = await close(world)
    first, second, third = await statements(world, cycle)
    assert (first.outcome, first.carried_because, first.conversion) == (
        Outcome.CARRIED,
        because,
        None,
    )
    assert (first.carried, first.to_settle) == (money(-1_000, "EUR"), money(0, "EUR"))
    assert (second.outcome, third.outcome) == (Outcome.CONVERTED, Outcome.PAY)
    # Nothing new: nothing is issued anew.
    assert await reissue(world, cycle, NOW) == cycle
    await quote(world, "1.25", now=NOW + SECOND, observed_at=NOW + SECOND)
    again = await reissue(world, cycle, NOW + SECOND)
    assert (again.version, again.result_hash != cycle.result_hash) == (2, True)
    found = await statements(world, again)
    assert [(one.number, one.version, one.outcome) for one in found] == [
        (1, 2, Outcome.CONVERTED),
        (2, 1, Outcome.CONVERTED),
        (3, 1, Outcome.PAY),
    ]
    assert found[0].conversion is not None
    assert found[0].conversion.amount == money(-1_250, "USD")
    assert found[1:] == [second, third]
    await approve(world, again, NOW + SECOND)
    assert await ordered(superuser) == [("payout", R, "EUR", 300)]
    await assert_sound(superuser, NOW + SECOND)


async def test_what_is_carried_for_want_of_a_rate_opens_the_next_statement(
    world: Database, superuser: AsyncConnection
) -> None:
    await convert(world, "USD")
    await is_owed(world, "a", P, 1_000, "EUR")
    cycle = await close(world)
    # All of its statements are carried: nothing is left to do.
    assert (await approve(world, cycle)).state is CycleState.SETTLED
    assert await converted_lines(superuser) == []
    await quote(world, "1.25")
    await is_owed(world, "b", P, 500, "EUR")
    following = await close(world, now=NOW + SECOND)
    (one,) = await statements(world, following)
    assert (one.opening, one.net) == (money(-1_000, "EUR"), money(-1_500, "EUR"))
    assert one.conversion is not None
    assert one.conversion.amount == money(-1_875, "USD")
    await approve(world, following, NOW + SECOND)
    await assert_sound(superuser, NOW + SECOND)


async def test_a_rate_of_after_the_issue_changes_nothing(
    world: Database, superuser: AsyncConnection
) -> None:
    await convert(world, "USD")
    await quote(world, "1.25")
    await is_owed(world, "a", P, 1_000, "EUR")
    cycle = await close(world)
    issued = await statements(world, cycle)
    await quote(world, "1.5", now=NOW + SECOND, observed_at=NOW + SECOND)
    assert await reissue(world, cycle, NOW + SECOND) == cycle
    # Long after, the rate that was fixed is stale; it still is what was agreed.
    assert await reissue(world, cycle, NOW + DAYS) == cycle
    assert await statements(world, cycle) == issued
    await approve(world, cycle, NOW + DAYS)
    assert [line[3] for line in await converted_lines(superuser)] == [1_000, -1_250, 1_250, -1_000]


async def test_what_moves_after_the_issue_is_converted_at_the_rate_of_then(
    world: Database, superuser: AsyncConnection
) -> None:
    await convert(world, "USD")
    await quote(world, "1.25")
    await is_owed(world, "a", P, 1_000, "EUR")
    cycle = await close(world)
    await quote(world, "1.5", now=NOW + SECOND, observed_at=NOW + SECOND)
    await is_owed(world, "b", P, 100, "EUR")  # took effect before the cut, and is sealed later
    again = await reissue(world, cycle, NOW + SECOND)
    (one,) = await statements(world, again)
    assert one.conversion is not None
    assert (one.version, one.net, one.conversion.amount) == (
        2,
        money(-1_100, "EUR"),
        money(-1_650, "USD"),
    )
    await approve(world, again, NOW + SECOND)
    await assert_sound(superuser, NOW + SECOND)


async def test_rates_of_all_partners_are_read_at_once(world: Database) -> None:
    for number in range(12):
        partner = UUID(int=number + 1)
        into = ("USD", "JPY", "KWD")[number % 3]
        await convert(world, into, partner_id=partner)
        await is_owed(world, f"a{number}", partner, 1_000, "EUR")
    await quote(world, "1.25")
    async with world.writing(BOOK) as db:
        with statements_of(world) as seen:
            await close_settlement_cycle(db, network_id=BOOK, currency="EUR", actor=MAKER, now=NOW)
    assert sum("payouts.fx_rate" in one for one in seen) == 1
    assert sum("payouts.settlement_conversion" in one for one in seen) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payouts.statement SET converted_amount = converted_amount - 1",
        "UPDATE payouts.statement SET converted_currency = 'JPY'",
        "UPDATE payouts.fx_rate SET value = 1.26",
        "UPDATE payouts.fx_rate SET source = 'somebody else'",
        "DELETE FROM payouts.fx_rate",
        "UPDATE payouts.statement SET outcome = 'pay', fx_rate_id = NULL, converted_amount = NULL,"
        " converted_currency = NULL",
    ],
)
async def test_what_was_altered_after_the_issue_is_not_booked(
    world: Database, superuser: AsyncConnection, change: str
) -> None:
    await convert(world, "USD")
    await quote(world, "1.25")
    await is_owed(world, "a", P, 1_000, "EUR")
    cycle = await close(world)
    assert (await superuser.execute(text(change))).rowcount == 1
    before = await everything(superuser)
    with pytest.raises(StatementAltered):
        await approve(world, cycle)
    assert await everything(superuser) == before


async def test_a_hash_without_a_conversion_is_what_it_always_was(world: Database) -> None:
    await is_owed(world, "a", P, 1_000, "EUR")
    cycle = await close(world)
    (plain,) = await statements(world, cycle)
    content: dict[str, object] = {
        "before": None,
        "block": "",
        "currency": "EUR",
        "cut": [cycle.ended_at.isoformat(), 1],
        "lines": 1,
        "moved": [0, 1_000],
        "number": 1,
        "opening": [0, 0],
        "partner": str(P),
        "settled": [0, 0],
        "version": 1,
    }
    assert plain.content_hash == _hash(content)
    await convert(world, "USD")
    rate = await quote(world, "1.25")
    (converted,) = await statements(world, await reissue(world, cycle, NOW))
    content["version"] = 2
    content["conversion"] = {
        "amount": -1_250,
        "currency": "USD",
        "digits": [2, 2],
        "rate": "1.25",
        "rate_id": str(rate.fx_rate_id),
        "source": "central bank",
    }
    assert converted.content_hash == _hash(content)


def _hash(content: dict[str, object]) -> str:
    written = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return sha256(written.encode()).hexdigest()
