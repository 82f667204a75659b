"""Points are no money: neither is added to, compared with, or taken for the other."""

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.money import (
    InvalidAmount,
    Money,
    Points,
    Rate,
    Rounding,
    UnknownCurrency,
    amount_in,
    kind_of,
    worth_of,
)

counts = st.integers(-(2**63), 2**63)
MIXING = [
    operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge,
]  # fmt: skip


@pytest.mark.parametrize("mix", MIXING)
def test_points_and_money_never_mix(mix: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(TypeError, match="points do not mix with Money"):
        mix(Points(5), Money(5, "EUR"))
    with pytest.raises(TypeError, match="money does not mix with Points"):
        mix(Money(5, "EUR"), Points(5))
    with pytest.raises(TypeError, match="points do not mix with int"):
        mix(Points(5), 5)


def test_equal_numbers_of_points_and_money_are_not_equal() -> None:
    assert Points(5) != Money(5, "EUR")
    assert Points(0) != Money(0, "JPY")
    assert len({Points(5), Money(5, "EUR"), Points(5)}) == 2


def test_no_sum_is_of_both() -> None:
    with pytest.raises(TypeError):
        sum([Money(5, "EUR"), Points(5)], Money.zero("EUR"))  # type: ignore[type-var]
    assert sum([Points(2), Points(3)], Points.zero()) == Points(5)


@given(counts, counts)
def test_points_are_whole_numbers(one: int, other: int) -> None:
    assert Points(one) + Points(other) == Points(one + other)
    assert Points(one) - Points(other) == Points(one - other)
    assert -Points(one) == Points(-one)
    assert (Points(one) < Points(other)) is (one < other)
    assert bool(Points(one)) is (one != 0)


@pytest.mark.parametrize("count", [1.0, True, "5", Decimal(5)])
def test_what_is_no_whole_number_is_no_points(count: Any) -> None:
    with pytest.raises(InvalidAmount):
        Points(count)


def test_points_are_no_currency_of_money() -> None:
    with pytest.raises(UnknownCurrency):
        Money(5, "POINTS")
    with pytest.raises(UnknownCurrency):
        Money.of_decimal("5", "POINTS")


def test_a_unit_says_what_its_amounts_are() -> None:
    assert amount_in("POINTS", 5) == Points(5)
    assert amount_in("EUR", 5) == Money(5, "EUR")
    assert [kind_of(unit) for unit in ("EUR", "JPY", "POINTS")] == ["currency"] * 2 + ["points"]
    for unit in ("points", "EUR:card", ""):
        with pytest.raises(UnknownCurrency):
            kind_of(unit)
        with pytest.raises(UnknownCurrency):
            amount_in(unit, 5)


@pytest.mark.parametrize(
    ("points", "quote", "rate", "rounding", "minor"),
    [
        (500, "EUR", "0.01", Rounding.HALF_EVEN, 500),
        (1, "EUR", "0.005", Rounding.HALF_EVEN, 0),
        (3, "EUR", "0.005", Rounding.HALF_EVEN, 2),
        (1, "EUR", "0.005", Rounding.CEILING, 1),
        (7, "BHD", "0.0123", Rounding.FLOOR, 86),
        (7, "JPY", "1.5", Rounding.HALF_UP, 11),
    ],
)
def test_what_points_are_worth_is_exact_and_rounded_by_name(
    points: int, quote: str, rate: str, rounding: Rounding, minor: int
) -> None:
    quoted = Rate("POINTS", quote, Decimal(rate))
    assert worth_of(Points(points), quoted, rounding) == Money(minor, quote)


def test_a_rate_between_currencies_says_nothing_of_points() -> None:
    with pytest.raises(InvalidAmount):
        worth_of(Points(5), Rate("USD", "EUR", Decimal("0.9")), Rounding.FLOOR)
