"""Money is exact in every currency, and what is split is never lost."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.money import (
    CURRENCIES,
    MINOR_MAX,
    AmountOutOfRange,
    CurrencyMismatch,
    InvalidAmount,
    Money,
    Rate,
    Rounding,
    UnknownCurrency,
    allocate,
    convert,
    exponent_of,
    new_id,
    proportion,
    share_of,
)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("100.00", "SAR", 10000),
        ("100", "SAR", 10000),
        ("0.05", "SAR", 5),
        ("-1.5", "SAR", -150),
        ("1.234", "KWD", 1234),
        ("500", "JPY", 500),
        ("500.00", "JPY", 500),
        ("1.2300", "SAR", 123),
    ],
)
def test_decimal_text_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert Money.of_decimal(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "refusal"),
    [
        ("1.005", "SAR", InvalidAmount),
        ("0.5", "JPY", InvalidAmount),
        ("1e3", "SAR", InvalidAmount),
        ("NaN", "SAR", InvalidAmount),
        ("١٠٠", "SAR", InvalidAmount),
        ("", "SAR", InvalidAmount),
        ("1,000.00", "SAR", InvalidAmount),
        (" 1", "SAR", InvalidAmount),
        ("99999999999999999", "SAR", InvalidAmount),
        ("9999999999999999", "SAR", AmountOutOfRange),
        ("1.00", "XXQ", UnknownCurrency),
        ("1.00", "sar", UnknownCurrency),
    ],
)
def test_text_that_is_no_amount_is_refused(
    text: str, currency: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        Money.of_decimal(text, currency)


@pytest.mark.parametrize("value", [1.0, True, "1", None])
def test_minor_units_are_whole_numbers(value: object) -> None:
    with pytest.raises(InvalidAmount):
        Money(value, "SAR")  # type: ignore[arg-type]


def test_currencies_do_not_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "SAR") + Money(1, "USD")
    with pytest.raises(CurrencyMismatch):
        assert Money(1, "SAR") < Money(1, "USD")


@given(st.integers(-MINOR_MAX, MINOR_MAX), st.sampled_from(sorted(CURRENCIES)))
def test_decimal_text_is_the_same_amount(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert Money.of_decimal(amount.decimal, currency) == amount
    assert len(amount.decimal.partition(".")[2]) == exponent_of(currency)


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any),
)
def test_parts_sum_to_the_whole_and_are_fair(minor: int, weights: list[int]) -> None:
    parts = allocate(Money(minor, "SAR"), weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Fraction(minor * weight, sum(weights))) < 1
        assert weight or not part.minor


def test_earlier_part_gets_the_odd_unit() -> None:
    assert [part.minor for part in allocate(Money(100, "SAR"), [1, 1, 1])] == [34, 33, 33]
    assert [part.minor for part in allocate(Money(-100, "SAR"), [1, 1, 1])] == [-34, -33, -33]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_divide_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises((InvalidAmount, ValueError)):
        allocate(Money(1, "SAR"), weights)


@pytest.mark.parametrize(
    ("minor", "rounding", "expected"),
    [
        (50, Rounding.HALF_EVEN, 2),
        (70, Rounding.HALF_EVEN, 4),
        (50, Rounding.HALF_UP, 3),
        (-50, Rounding.HALF_UP, -3),
        (-50, Rounding.HALF_EVEN, -2),
        (59, Rounding.FLOOR, 2),
        (-59, Rounding.FLOOR, -3),
        (41, Rounding.CEILING, 3),
    ],
)
def test_rounding_is_what_its_name_says(minor: int, rounding: Rounding, expected: int) -> None:
    assert share_of(Money(minor, "SAR"), basis_points=500, rounding=rounding).minor == expected


def test_conversion_minds_both_exponents() -> None:
    dinars = convert(
        Money(1000, "JPY"), Rate("JPY", "KWD", Decimal("0.002012")), Rounding.HALF_EVEN
    )
    assert dinars == Money(2012, "KWD")
    yen = convert(Money(2012, "KWD"), Rate("KWD", "JPY", Decimal(497)), Rounding.HALF_EVEN)
    assert yen == Money(1000, "JPY")
    with pytest.raises(CurrencyMismatch):
        convert(Money(1, "SAR"), Rate("JPY", "KWD", Decimal(1)), Rounding.FLOOR)


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_rate_is_a_positive_number(value: str) -> None:
    with pytest.raises(InvalidAmount):
        Rate("SAR", "USD", Decimal(value))


@given(st.integers(1, 10**9), st.integers(1, 10**6))
def test_proportions_of_complementary_parts_differ_by_rounding_alone(
    minor: int, whole: int
) -> None:
    part = whole // 3
    amount = Money(minor, "SAR")
    one = proportion(amount, part=part, whole=whole, rounding=Rounding.HALF_EVEN)
    other = proportion(amount, part=whole - part, whole=whole, rounding=Rounding.HALF_EVEN)
    assert abs((one + other - amount).minor) <= 1


def test_ids_sort_by_time_and_are_version_seven() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    ids = [new_id(start + timedelta(milliseconds=n)) for n in range(100)]
    assert ids == sorted(ids)
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
    same = [new_id(start) for _ in range(1000)]
    assert same == sorted(set(same))


def test_ids_of_one_millisecond_are_in_order_whatever_else_is_made_meanwhile() -> None:
    start = datetime(2026, 3, 15, tzinfo=UTC)
    others = [start + timedelta(milliseconds=n) for n in range(1, 20)]
    same = []
    for _ in range(20):
        same.append(new_id(start))
        for other in others:
            new_id(other)
    assert same == sorted(same)
