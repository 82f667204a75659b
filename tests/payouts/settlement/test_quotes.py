"""A quote: one multiplication, rounded once, or the reason why there is none."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.fx import FxRate
from payouts.money import MINOR_MAX, Money, exponent_of
from payouts.settlement import CarriedBecause, Conversion, Outcome
from payouts.settlement.conversion import Quote
from payouts.settlement.decision import Decision, decide_net
from tests.conftest import NOW

KEY = UUID("018f0000-0000-7000-8000-0000000000fe")
CURRENCIES = st.sampled_from(["EUR", "USD", "KWD", "JPY"])
VALUES = st.integers(1, 10**12).map(lambda one: Decimal(one).scaleb(-6))


def quote(value: Decimal, base: str = "EUR", into: str = "USD") -> Quote:
    return Quote(into, FxRate(KEY, base, into, value, "bank", NOW, 60))


@given(CURRENCIES, CURRENCIES, VALUES, st.integers(-(10**9), 10**9))
def test_what_a_net_comes_to_is_off_by_half_a_unit_at_most_on_either_side_alike(
    base: str, into: str, value: Decimal, net: int
) -> None:
    if base == into:
        into = "SAR"
    one = quote(value, base, into)
    made = one.convert(Money(net, base), now=NOW)
    exact = net * Fraction(value) * Fraction(10) ** (exponent_of(into) - exponent_of(base))
    opposite = one.convert(Money(-net, base), now=NOW)
    if isinstance(made, Conversion):
        assert abs(made.amount.minor - exact) <= Fraction(1, 2)
        assert opposite == Conversion(KEY, Money(-made.amount.minor, into))
    elif made is CarriedBecause.AMOUNT_OUT_OF_RANGE:
        assert abs(exact) > MINOR_MAX
        assert opposite is made
    else:
        assert (made, abs(exact) <= Fraction(1, 2)) == (CarriedBecause.BELOW_MINIMUM, True)
        assert opposite is made


@pytest.mark.parametrize(
    ("newest", "seconds", "net", "because"),
    [
        (quote(Decimal(2)), 60, MINOR_MAX // 2, None),
        (quote(Decimal(2)), 60, MINOR_MAX // 2 + 1, CarriedBecause.AMOUNT_OUT_OF_RANGE),
        (quote(Decimal(2)), 60, -MINOR_MAX // 2 - 1, CarriedBecause.AMOUNT_OUT_OF_RANGE),
        (quote(Decimal("0.5")), 60, 1, CarriedBecause.BELOW_MINIMUM),
        (quote(Decimal("0.6")), 60, 1, None),
        (quote(Decimal(2)), 61, 1, CarriedBecause.FX_RATE_STALE),
        (Quote("USD", None), 0, 1, CarriedBecause.FX_RATE_MISSING),
    ],
)
def test_what_cannot_be_converted_is_carried_whole_and_says_why(
    newest: Quote, seconds: int, net: int, because: CarriedBecause | None
) -> None:
    at = NOW + timedelta(seconds=seconds)
    decided = decide_net(Money(net, "EUR"), Money(1, "EUR"), newest, now=at)
    assert decided.remainder == Money(0, "EUR")
    assert decided.carried_because is because
    assert decided.outcome is (Outcome.CARRIED if because else Outcome.CONVERTED)
    assert (decided.conversion is None) == (because is not None)


def test_without_a_quote_a_net_is_settled_as_ever() -> None:
    least, nothing = Money(500, "KWD"), Money(0, "KWD")
    assert [
        decide_net(Money(net, "KWD"), least, None, now=NOW) for net in (0, -499, -507, 507)
    ] == [
        Decision(Outcome.NETTED, nothing),
        Decision(Outcome.CARRIED, nothing, carried_because=CarriedBecause.BELOW_MINIMUM),
        Decision(Outcome.PAY, Money(-7, "KWD")),
        Decision(Outcome.COLLECT, Money(7, "KWD")),
    ]
    assert decide_net(nothing, least, quote(Decimal(2), "KWD"), now=NOW).outcome is Outcome.NETTED
