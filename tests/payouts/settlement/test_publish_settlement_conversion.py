"""Whose nets are converted is an operator's word: on record, in force from the next issue on."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.money import UnknownCurrency
from payouts.settlement import (
    ConversionInvalid,
    Outcome,
    list_settlement_conversions,
)
from tests.conftest import NOW
from tests.payouts.settlement.converting import (
    approve,
    assert_sound,
    close,
    convert,
    everything,
    ordered,
    quote,
    reissue,
    statements,
)
from tests.payouts.settlement.world import (
    BOOK,
    P,
    Q,
    is_owed,
    money,
)

SECOND = timedelta(seconds=1)


async def test_a_policy_counts_from_the_next_issue_on_and_until_it_is_ended(
    world: Database, superuser: AsyncConnection
) -> None:
    await quote(world, "1.25")
    await quote(world, "150", into="JPY")
    await is_owed(world, "a", P, 1_000, "EUR")
    cycle = await close(world)
    outcomes = [(await statements(world, cycle))[0]]
    for number, into in enumerate(("USD", "JPY", None), start=1):
        at = NOW + number * SECOND
        await convert(world, into, now=at)
        assert await statements(world, cycle) == [outcomes[-1]]
        cycle = await reissue(world, cycle, at)
        outcomes += await statements(world, cycle)
        assert await reissue(world, cycle, at) == cycle
    assert [
        (one.version, one.outcome, one.conversion and one.conversion.amount) for one in outcomes
    ] == [
        (1, Outcome.PAY, None),
        (2, Outcome.CONVERTED, money(-1_250, "USD")),
        (3, Outcome.CONVERTED, money(-1_500, "JPY")),
        (4, Outcome.PAY, None),
    ]
    await approve(world, cycle, NOW + 3 * SECOND)
    assert await ordered(superuser) == [("payout", P, "EUR", 1_000)]
    async with world.reading(BOOK) as db:
        listed = await list_settlement_conversions(db, network_id=BOOK, limit=9)
    assert [(one.partner_id, one.currency, one.into) for one in listed] == [
        (P, "EUR", None),
        (P, "EUR", "JPY"),
        (P, "EUR", "USD"),
    ]
    await assert_sound(superuser, NOW + 3 * SECOND)


@pytest.mark.parametrize(
    ("currency", "into", "refusal"),
    [
        ("EUR", "EUR", ConversionInvalid),
        # What is converted into dollars would be converted on, and into euros for ever.
        ("USD", "EUR", ConversionInvalid),
        ("USD", "JPY", ConversionInvalid),
        ("KWD", "EUR", ConversionInvalid),
        ("EUR", "XXX", UnknownCurrency),
        ("POINTS", "USD", UnknownCurrency),
    ],
)
async def test_a_conversion_that_would_lead_nowhere_is_refused(
    world: Database,
    superuser: AsyncConnection,
    currency: str,
    into: str,
    refusal: type[Exception],
) -> None:
    await convert(world, "USD")
    before = await everything(superuser)
    with pytest.raises(refusal):
        await convert(world, into, currency=currency, now=NOW + SECOND)
    assert await everything(superuser) == before
    # Of another partner, and once the first has ended, it may be.
    if refusal is ConversionInvalid and currency != into:
        await convert(world, into, currency=currency, partner_id=Q)
        await convert(world, None, now=NOW + SECOND)
        await convert(world, into, currency=currency, now=NOW + 2 * SECOND)


async def test_a_circle_that_two_published_at_once_is_not_entered(
    world: Database, superuser: AsyncConnection
) -> None:
    await convert(world, "USD")
    await superuser.execute(
        text(
            "INSERT INTO payouts.settlement_conversion SELECT network_id, gen_random_uuid(),"
            " partner_id, into_currency, currency, published_by, published_at"
            " FROM payouts.settlement_conversion"
        )
    )
    await quote(world, "1.25")
    await quote(world, "0.8", base="USD", into="EUR")
    await is_owed(world, "a", P, 1_000, "EUR")
    await is_owed(world, "b", P, 1_000, "USD")
    for currency in ("EUR", "USD"):
        (one,) = await statements(world, await close(world, currency))
        assert (one.outcome, one.net.minor) == (Outcome.PAY, -1_000)


async def test_a_policy_of_another_network_or_partner_does_not_count(
    world: Database, superuser: AsyncConnection
) -> None:
    await convert(world, "USD", network_id=BOOK + 1)
    await convert(world, "USD", partner_id=Q)
    await convert(world, "USD", currency="SAR")
    await quote(world, "1.25")
    await is_owed(world, "a", P, 1_000, "EUR")
    (one,) = await statements(world, await close(world))
    assert (one.outcome, one.conversion) == (Outcome.PAY, None)
    async with world.reading(BOOK) as db:
        listed = await list_settlement_conversions(db, network_id=BOOK, limit=9)
    assert {one.partner_id for one in listed} == {P, Q}
    assert {one.currency for one in listed if one.partner_id == P} == {"SAR"}


async def test_the_database_keeps_policies_and_statements_as_they_were_made(
    world: Database, superuser: AsyncConnection
) -> None:
    await convert(world, "USD")
    await quote(world, "1.25")
    await is_owed(world, "a", P, 1_000, "EUR")
    cycle = await close(world)
    issued = await statements(world, cycle)
    for statement in (
        "UPDATE payouts.settlement_conversion SET into_currency = 'JPY'",
        "DELETE FROM payouts.settlement_conversion",
        "UPDATE payouts.statement SET converted_amount = 1",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with world.writing(BOOK) as db:
                await db.execute(text(statement))
    for statement, constraint in (
        ("UPDATE payouts.statement SET fx_rate_id = NULL", "statement_conversion"),
        ("UPDATE payouts.statement SET outcome = 'pay'", "statement_conversion"),
        ("UPDATE payouts.statement SET converted_amount = 0", "statement_converted"),
        ("UPDATE payouts.statement SET converted_currency = 'EUR'", "statement_other_currency"),
        (
            "UPDATE payouts.statement SET carried_because = 'fx_rate_stale'",
            "statement_carried_because",
        ),
        (
            "UPDATE payouts.settlement_conversion SET into_currency = 'EUR'",
            "settlement_conversion_pair",
        ),
    ):
        with pytest.raises(IntegrityError, match=constraint):
            await superuser.execute(text(statement))
    assert await statements(world, cycle) == issued
