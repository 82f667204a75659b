import pytest

from payouts.money import CURRENCIES, InvalidAmount, Money
from payouts.rails.stripe_amounts import of_stripe, to_stripe


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (Money(1234, "SAR"), (1234, "sar")),
        (Money(500, "JPY"), (500, "jpy")),
        (Money(5120, "KWD"), (5120, "kwd")),
        (Money(5, "ISK"), (500, "isk")),
        (Money(5, "UGX"), (500, "ugx")),
        (Money(500, "MGA"), (5, "mga")),
    ],
)
def test_stripe_writes_some_currencies_its_own_way(amount: Money, written: tuple[int, str]) -> None:
    assert to_stripe(amount) == written
    assert of_stripe(*written) == amount


@pytest.mark.parametrize("amount", [Money(5124, "KWD"), Money(501, "MGA")])
def test_what_stripe_cannot_carry_is_refused(amount: Money) -> None:
    with pytest.raises(InvalidAmount):
        to_stripe(amount)


def test_a_fraction_of_a_krona_is_not_read() -> None:
    with pytest.raises(InvalidAmount):
        of_stripe(501, "isk")


def test_every_currency_comes_back_as_it_went() -> None:
    for currency in CURRENCIES:
        amount = Money(-7_000, currency)
        assert of_stripe(*to_stripe(amount)) == amount
