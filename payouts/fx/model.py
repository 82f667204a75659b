"""Exchange rates: what one unit of a currency cost in another, who said so, and for how long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from payouts.fx.errors import FxRateMissing, FxRateStale
from payouts.money import Money, Points, Rate, Rounding, convert, worth_of


@dataclass(frozen=True, slots=True)
class FxRate:
    """A published rate: one unit of `base` costs `value` units of `quote`."""

    fx_rate_id: UUID | None
    """None for a currency against itself, which needs no publication."""
    base: str
    quote: str
    value: Decimal
    source: str
    observed_at: datetime
    max_age_seconds: int

    @property
    def text(self) -> str:
        """The rate as it is shown and kept: no exponent, no trailing zeros."""
        digits = format(self.value, "f")
        return digits.rstrip("0").rstrip(".") if "." in digits else digits

    @property
    def expires_at(self) -> datetime:
        """The last instant at which the rate may be used."""
        return self.observed_at + timedelta(seconds=self.max_age_seconds)

    def convert(self, amount: Money, rounding: Rounding) -> Money:
        """Express an amount of the base currency in the quote currency."""
        if self.base == self.quote:
            return amount
        return convert(amount, Rate(self.base, self.quote, self.value), rounding)

    def worth_of(self, points: Points, rounding: Rounding) -> Money:
        """Express points in the quote currency, of a rate that is for points."""
        return worth_of(points, Rate(self.base, self.quote, self.value), rounding)


def same_currency_rate(currency: str, *, now: datetime) -> FxRate:
    """The rate of a currency against itself."""
    return FxRate(None, currency, currency, Decimal(1), "identity", now, 1)


def usable_rate(newest: FxRate | None, *, base: str, quote: str, now: datetime) -> FxRate:
    """Pass a rate that may be used now; refuse with FxRateMissing or FxRateStale.

    An inverse is never guessed: the rate of the other direction is a rate of its own.
    """
    if base == quote:
        return same_currency_rate(base, now=now)
    if newest is None:
        raise FxRateMissing(base=base, quote=quote)
    if now > newest.expires_at:
        raise FxRateStale(
            base=base,
            quote=quote,
            observed_at=newest.observed_at,
            max_age_seconds=newest.max_age_seconds,
        )
    return newest
