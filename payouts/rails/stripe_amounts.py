"""Stripe's minor units: ours, except for three currencies."""

from payouts.money import InvalidAmount, Money, exponent_of
from payouts.rails.errors import ProviderRefused

# Stripe writes ISK and UGX with two digits that must be zero, and MGA without any, where
# ISO 4217 says none and two.
_TIMES = {"ISK": 100, "UGX": 100}
_DIVIDED = {"MGA": 100}
_THREE_DIGITS_STEP = 10


def to_stripe(amount: Money) -> tuple[int, str]:
    """Write an amount as Stripe wants it: an integer and a currency in lower case.

    Refuses what Stripe cannot carry: fractions of an ariary, and a third digit other than zero.
    """
    divisor = _DIVIDED.get(amount.currency, 1)
    step = _THREE_DIGITS_STEP if exponent_of(amount.currency) == 3 else divisor
    if amount.minor % step:
        raise InvalidAmount(
            f"Stripe carries {amount.currency} only in steps of {step}.", amount=str(amount)
        )
    scaled = amount.minor * _TIMES.get(amount.currency, 1) // divisor
    return scaled, amount.currency.lower()


def carry(amount: Money) -> tuple[int, str]:
    """Write an amount for an act at Stripe; one that it cannot carry was certainly not moved.

    Raises ProviderRefused.
    """
    try:
        return to_stripe(amount)
    except InvalidAmount as error:
        raise ProviderRefused(error.message, code="amount_not_carried") from error


def of_stripe(minor: int, currency: str) -> Money:
    """Read an amount that Stripe wrote."""
    code = currency.upper()
    factor = _TIMES.get(code, 1)
    if minor % factor:
        raise InvalidAmount(f"Stripe carries {code} only in steps of {factor}.", amount=str(minor))
    return Money(minor * _DIVIDED.get(code, 1) // factor, code)
