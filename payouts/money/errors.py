"""Refusals about amounts."""

from payouts.refusal import Refusal


class InvalidAmount(Refusal):
    """The amount is not a number of this currency's units."""


class AmountOutOfRange(Refusal):
    """The amount is outside the range that can be booked."""


class UnknownCurrency(Refusal):
    """The currency code is not known."""


class CurrencyMismatch(Refusal):
    """The amounts are in different currencies."""
