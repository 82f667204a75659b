"""Rates are published, never edited, never guessed, and refused when they are old."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from payouts.fx import (
    FxRateInvalid,
    FxRateMissing,
    FxRateStale,
    find_fx_rate,
    list_fx_rates,
    list_fx_rates_from,
)
from payouts.money import Money, Rounding, UnknownCurrency
from tests.conftest import NOW
from tests.factories.catalog import make_rate

NETWORK = 7
DAY = timedelta(days=1)


async def test_the_rate_observed_last_is_in_force(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        old = await make_rate(db, network_id=NETWORK, base="USD", quote="SAR", value="3.74")
        new = await make_rate(
            db, network_id=NETWORK, base="USD", quote="SAR", value="3.7500000001", now=NOW + DAY,
            observed_at=NOW + DAY,
        )  # fmt: skip
        late = await make_rate(
            db, network_id=NETWORK, base="USD", quote="SAR", value="3.7", now=NOW + DAY,
            observed_at=NOW - DAY, max_age_seconds=10**6,
        )  # fmt: skip

        async def in_force(at):
            return await find_fx_rate(db, network_id=NETWORK, base="USD", quote="SAR", now=at)

        assert await in_force(NOW) == old
        assert await in_force(NOW + DAY) == new
        assert await in_force(NOW - timedelta(hours=1)) == late
        assert new.text == "3.7500000001"
        assert (await in_force(NOW)).value == Decimal("3.74")


async def test_a_rate_may_be_used_until_its_age_and_no_longer(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        await make_rate(
            db, network_id=NETWORK, base="USD", quote="SAR", value="3.75", max_age_seconds=60
        )
        at_the_end = NOW + timedelta(seconds=60)
        rate = await find_fx_rate(db, network_id=NETWORK, base="USD", quote="SAR", now=at_the_end)
        assert rate.text == "3.75"
        with pytest.raises(FxRateStale) as refused:
            await find_fx_rate(
                db,
                network_id=NETWORK,
                base="USD",
                quote="SAR",
                now=at_the_end + timedelta(microseconds=1),
            )
    assert refused.value.facts == {
        "base": "USD",
        "quote": "SAR",
        "observed_at": NOW,
        "max_age_seconds": 60,
    }


async def test_an_inverse_is_not_guessed(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        await make_rate(db, network_id=NETWORK, base="USD", quote="SAR", value="3.75")
        with pytest.raises(FxRateMissing):
            await find_fx_rate(db, network_id=NETWORK, base="SAR", quote="USD", now=NOW)


async def test_rates_of_one_network_are_not_those_of_another(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        await make_rate(db, network_id=NETWORK, base="USD", quote="SAR", value="3.75")
    async with database.writing(8) as db:
        with pytest.raises(FxRateMissing):
            await find_fx_rate(db, network_id=8, base="USD", quote="SAR", now=NOW)
        with pytest.raises(FxRateMissing):
            await find_fx_rate(db, network_id=NETWORK, base="USD", quote="SAR", now=NOW)


async def test_a_currency_is_worth_itself(database: Database) -> None:
    async with database.reading(NETWORK) as db:
        rate = await find_fx_rate(db, network_id=NETWORK, base="KWD", quote="KWD", now=NOW)
    assert (rate.fx_rate_id, rate.text) == (None, "1")
    assert rate.convert(Money(1234, "KWD"), Rounding.HALF_EVEN) == Money(1234, "KWD")


async def test_several_bases_are_read_at_once(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        usd = await make_rate(db, network_id=NETWORK, base="USD", quote="SAR", value="3.75")
        kwd = await make_rate(db, network_id=NETWORK, base="KWD", quote="SAR", value="12.2013")
        rates = await list_fx_rates(
            db, network_id=NETWORK, bases=["USD", "KWD", "SAR", "JPY"], quote="SAR", now=NOW
        )
    assert rates == {"USD": usd, "KWD": kwd}


async def test_several_quotes_of_one_base_are_read_at_once(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        await make_rate(
            db, network_id=NETWORK, base="USD", quote="SAR", value="3.7", observed_at=NOW - DAY
        )
        sar = await make_rate(db, network_id=NETWORK, base="USD", quote="SAR", value="3.75")
        old = await make_rate(
            db,
            network_id=NETWORK,
            base="USD",
            quote="KWD",
            value="0.3075",
            observed_at=NOW - 9 * DAY,
        )
        await make_rate(db, network_id=NETWORK, base="SAR", quote="USD", value="0.26")
        await make_rate(db, network_id=NETWORK, base="EUR", quote="JPY", value="160")
        rates = await list_fx_rates_from(
            db, network_id=NETWORK, base="USD", quotes={"SAR", "KWD", "USD", "JPY"}, now=NOW
        )
        alone = await list_fx_rates_from(
            db, network_id=NETWORK, base="USD", quotes={"USD"}, now=NOW
        )
    async with database.reading(NETWORK + 1) as db:
        foreign = await list_fx_rates_from(
            db, network_id=NETWORK + 1, base="USD", quotes={"SAR"}, now=NOW
        )
    assert (rates, alone, foreign) == ({"SAR": sar, "KWD": old}, {}, {})


IMPOSSIBLE: list[dict[str, object]] = [
    {"value": "0"},
    {"value": "0.00"},
    {"value": "-1"},
    {"value": "1e3"},
    {"value": "NaN"},
    {"value": "3.75000000001"},
    {"value": "12345678901"},
    {"value": "٣"},
    {"base": "SAR"},
    {"max_age_seconds": 0},
    {"observed_at": NOW + timedelta(minutes=6)},
]


async def test_a_rate_that_cannot_be_one_is_refused(
    database: Database, superuser: AsyncConnection
) -> None:
    usual = {"network_id": NETWORK, "base": "USD", "quote": "SAR", "value": "3.75"}
    async with database.writing(NETWORK) as db:
        for given in IMPOSSIBLE:
            with pytest.raises(FxRateInvalid):
                await make_rate(db, **{**usual, **given})
    assert (await superuser.execute(text("SELECT count(*) FROM payouts.fx_rate"))).scalar() == 0


async def test_an_unknown_currency_is_refused(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        with pytest.raises(UnknownCurrency):
            await make_rate(db, network_id=NETWORK, base="XXX", quote="SAR", value="3.75")


async def test_a_published_rate_cannot_be_changed_by_the_service(database: Database) -> None:
    async with database.writing(NETWORK) as db:
        await make_rate(db, network_id=NETWORK, base="USD", quote="SAR", value="3.75")
    for statement in ("UPDATE payouts.fx_rate SET value = 4", "DELETE FROM payouts.fx_rate"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with database.writing(NETWORK) as db:
                await db.execute(text(statement))
