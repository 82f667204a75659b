"""Refusals about exchange rates."""

from typing import ClassVar

from payouts.refusal import Refusal


class FxRateInvalid(Refusal):
    """The exchange rate cannot be published."""


class FxRateMissing(Refusal):
    """There is no exchange rate between these currencies."""

    retryable: ClassVar[bool] = True


class FxRateStale(Refusal):
    """The newest exchange rate between these currencies is too old to be used."""

    retryable: ClassVar[bool] = True
