"""Prices in points: exact, in whole points, and never for too few of them."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.pricing import PointsExceedPrice, PointsTooFew, pay_in_points, points_for
from payouts.fx import FxRate
from payouts.money import POINTS_UNIT, Money, Points, exponent_of
from tests.conftest import NOW

RATE_ID = UUID("018f0000-0000-7000-8000-000000000001")


def rate(value: str, quote: str = "SAR") -> FxRate:
    return FxRate(RATE_ID, POINTS_UNIT, quote, Decimal(value), "terms", NOW, 60)


@pytest.mark.parametrize(
    ("amount", "value", "points"),
    [
        (Money(5_000, "SAR"), "0.01", 5_000),
        (Money(5_001, "SAR"), "0.0125", 4_001),  # 4,000.8
        (Money(1, "SAR"), "0.0001", 100),
        (Money(1, "SAR"), "3", 1),
        (Money(1_001, "KWD"), "0.003", 334),  # 333.67
        (Money(99, "JPY"), "0.7", 142),  # 141.43
    ],
)
def test_a_price_is_the_fewest_points_that_are_worth_it(amount, value, points) -> None:
    assert points_for(amount, rate(value, amount.currency)) == Points(points)


def test_a_part_takes_no_point_that_buys_nothing() -> None:
    total = Money(5_000, "SAR")
    part = pay_in_points(total, Points(1_555), rate("0.001"))
    assert (part.points, part.worth) == (Points(1_550), Money(155, "SAR"))
    whole = pay_in_points(total, Points(50_000), rate("0.001"))
    assert (whole.points, whole.worth, whole.rate_id) == (Points(50_000), total, RATE_ID)


def test_too_few_and_too_many_points_are_refused() -> None:
    total = Money(5_000, "SAR")
    with pytest.raises(PointsTooFew):
        pay_in_points(total, Points(9), rate("0.001"))
    with pytest.raises(PointsExceedPrice) as refused:
        pay_in_points(total, Points(50_001), rate("0.001"))
    assert refused.value.facts == {"points": 50_000}


@given(
    minor=st.integers(1, 10**9),
    value=st.decimals("0.0000000001", "1000", places=10),
    currency=st.sampled_from(["SAR", "KWD", "JPY"]),
    share=st.fractions(0, 1),
)
def test_the_network_never_gives_and_takes_less_than_a_point_more(
    minor: int, value: Decimal, currency: str, share: Fraction
) -> None:
    quoted, total = rate(str(value), currency), Money(minor, currency)
    of_one = Fraction(value) * 10 ** exponent_of(currency)
    price = points_for(total, quoted)
    assert (price.minor - 1) * of_one < minor <= price.minor * of_one
    offered = Points(int(price.minor * share))
    try:
        part = pay_in_points(total, offered, quoted)
    except PointsTooFew:
        assert offered.minor * of_one < 1
        return
    assert part.points <= offered
    assert (part.points.minor - 1) * of_one < part.worth.minor <= part.points.minor * of_one
    assert (part.worth == total) is (offered == price or offered.minor * of_one >= minor)
    assert Money.zero(currency) < part.worth <= total
