"""A certificate shows what a net was converted into, and anyone can compute it again."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.database.transaction import Database
from api.worker.jobs.sealing import run_sealing
from payouts.settlement import StatementAltered, close_settlement_cycle, list_cycle_statements
from tests.conftest import NOW
from tests.payouts.seals.world import Sealed, open_sealed
from tests.payouts.settlement.converting import convert, quote
from tests.payouts.settlement.test_conservation import certify, checked, of_another
from tests.payouts.settlement.world import BOOK, MAKER, P, is_owed, owes


@pytest.fixture
async def sealed(database: Database, tmp_path: Path) -> Sealed:
    return await open_sealed(database, tmp_path / "data")


async def certified(sealed: Sealed, currency: str) -> dict[str, Any]:
    await run_sealing(sealed.world, BOOK)
    async with sealed.database.writing(BOOK) as db:
        cycle = await close_settlement_cycle(
            db, network_id=BOOK, currency=currency, actor=MAKER, now=NOW
        )
        (one,) = await list_cycle_statements(db, network_id=BOOK, cycle_id=cycle.cycle_id)
    return await certify(sealed, one)


@pytest.mark.parametrize(
    ("currency", "into", "value", "net", "amount", "digits"),
    [
        ("EUR", "USD", "1.25", -50, -62, [2, 2]),
        ("EUR", "JPY", "162.5", 101, 164, [2, 0]),
        ("USD", "KWD", "0.30745", 1_000, 3_074, [2, 3]),
        ("KWD", "JPY", "487.5", -3_000, -1_462, [3, 0]),
    ],
)
async def test_the_net_times_the_rate_is_what_it_is_converted_into(
    sealed: Sealed,
    tmp_path: Path,
    currency: str,
    into: str,
    value: str,
    net: int,
    amount: int,
    digits: list[int],
) -> None:
    await convert(sealed.database, into, currency=currency)
    rate = await quote(sealed.database, value, base=currency, into=into)
    post = owes if net > 0 else is_owed
    await post(sealed.database, "a", P, abs(net), currency)
    certificate = await certified(sealed, currency)
    assert certificate["statement"]["conversion"] == {
        "amount": amount,
        "currency": into,
        "digits": digits,
        "rate": value,
        "rate_id": str(rate.fx_rate_id),
        "source": "central bank",
    }
    code, says = checked(certificate, tmp_path)
    assert (code, says.splitlines()[-1]) == (0, "CERTIFIED."), says
    assert f"Converted at {value} (central bank): {amount} {into}." in says


def without_the_conversion(certificate: dict[str, Any]) -> None:
    del certificate["statement"]["conversion"]


FALSIFIED: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "another amount": (of_another("statement/conversion/amount", -1_251), "net times the rate"),
    "another rate": (of_another("statement/conversion/rate", "1.26"), "net times the rate"),
    "other digits": (of_another("statement/conversion/digits/1", 3), "net times the rate"),
    "another currency": (of_another("statement/conversion/currency", "SAR"), "hash"),
    "another source": (of_another("statement/conversion/source", "x"), "hash"),
    "another rate's id": (of_another("statement/conversion/rate_id", "x"), "hash"),
    "none": (without_the_conversion, "hash"),
}


async def test_falsified_conversions_are_refused(sealed: Sealed, tmp_path: Path) -> None:
    await convert(sealed.database, "USD")
    await quote(sealed.database, "1.25")
    await is_owed(sealed.database, "a", P, 1_000, "EUR")
    sound = await certified(sealed, "EUR")
    assert checked(sound, tmp_path)[0] == 0
    for falsify, why in FALSIFIED.values():
        certificate = copy.deepcopy(sound)
        falsify(certificate)
        code, says = checked(certificate, tmp_path)
        assert (code, "NOT CERTIFIED" in says, why in says) == (1, True, True), says


async def test_a_statement_without_a_conversion_says_nothing_of_one(
    sealed: Sealed, tmp_path: Path
) -> None:
    await is_owed(sealed.database, "a", P, 1_000, "EUR")
    certificate = await certified(sealed, "EUR")
    assert "conversion" not in certificate["statement"]
    code, says = checked(certificate, tmp_path)
    assert (code, "Converted" in says) == (0, False)


async def test_without_its_rate_nothing_is_certified(
    sealed: Sealed, superuser: AsyncConnection
) -> None:
    await convert(sealed.database, "USD")
    await quote(sealed.database, "1.25")
    await is_owed(sealed.database, "a", P, 1_000, "EUR")
    await certified(sealed, "EUR")
    await superuser.execute(text("DELETE FROM payouts.fx_rate"))
    with pytest.raises(StatementAltered):
        await certified(sealed, "EUR")
