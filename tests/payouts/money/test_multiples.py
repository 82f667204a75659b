import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from payouts.money import (
    CURRENCIES,
    MINOR_MAX,
    Money,
    UnknownCurrency,
    payout_multiple,
    round_to_multiple,
)
from payouts.rails.stripe_amounts import to_stripe


def test_multiples_are_what_banks_pay() -> None:
    found: dict[int, set[str]] = {}
    for currency in CURRENCIES:
        found.setdefault(payout_multiple(currency), set()).add(currency)
    assert found.pop(10) == {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
    assert found.pop(100) == {"HUF", "MGA", "TWD"}
    # Our minor unit of these is the whole one, though the provider writes it with two digits.
    assert {"ISK", "UGX", "JPY", "SAR"} < found.pop(1)
    assert not found
    with pytest.raises(UnknownCurrency):
        payout_multiple("XXX")


@given(st.integers(-MINOR_MAX, MINOR_MAX), st.sampled_from(sorted(CURRENCIES)))
@example(1_234, "KWD")
@example(-1_234, "KWD")
@example(-99, "HUF")
def test_what_is_paid_and_what_remains_are_the_net(minor: int, currency: str) -> None:
    net, multiple = Money(minor, currency), payout_multiple(currency)
    paid = round_to_multiple(net)
    remainder = net - paid
    assert paid + remainder == net
    assert 0 <= abs(remainder.minor) < multiple
    assert paid.minor % multiple == 0
    assert remainder.minor * net.minor >= 0, "what remains is owed the same way"
    written, code = to_stripe(paid)
    assert (abs(written) > 0, code) == (abs(minor) >= multiple, currency.lower())
