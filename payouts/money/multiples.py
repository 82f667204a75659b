"""What can be paid out of a currency: whole multiples of some of its minor units."""

from payouts.money.model import Money, Rounding, divide, exponent_of

_HUNDREDS = frozenset({"HUF", "MGA", "TWD"})
"""Currencies of two digits that banks pay in whole units only."""


def payout_multiple(currency: str) -> int:
    """Tell in what multiples of its minor unit a currency is paid out.

    The provider carries no third digit, and of some currencies no digit at all. ISK and UGX have
    none in ISO 4217: our minor unit is already the whole one that can be paid. Raises
    UnknownCurrency.
    """
    if exponent_of(currency) == 3:
        return 10
    return 100 if currency in _HUNDREDS else 1


def round_to_multiple(amount: Money) -> Money:
    """Round an amount towards nothing to what can be paid of it; the rest stays whose it is."""
    multiple = payout_multiple(amount.currency)
    size = divide(abs(amount.minor), multiple, Rounding.FLOOR) * multiple
    return Money(size if amount.minor > 0 else -size, amount.currency)
