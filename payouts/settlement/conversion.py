"""Converting nets: into which currency, at which rate, and why one is left standing instead."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from payouts.fx import FxRate, FxRateMissing, FxRateStale, usable_rate
from payouts.money import MINOR_MAX, Money, Rounding, exponent_of


class CarriedBecause(StrEnum):
    """Why a net is not settled but opens the next statement."""

    BELOW_MINIMUM = "below_minimum"
    FX_RATE_MISSING = "fx_rate_missing"
    FX_RATE_STALE = "fx_rate_stale"
    AMOUNT_OUT_OF_RANGE = "amount_out_of_range"


@dataclass(frozen=True, slots=True)
class ConversionPolicy:
    """Into which currency the nets of a partner in another are converted; None is into none.

    The newest of a partner and a currency is in force.
    """

    policy_id: UUID
    partner_id: UUID
    currency: str
    into: str | None
    published_by: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a net comes to in the currency that it is converted into, and by which rate."""

    fx_rate_id: UUID
    amount: Money


@dataclass(frozen=True, slots=True)
class Quote:
    """Into which currency a partner's net is converted, and the newest rate there is for it."""

    into: str
    newest: FxRate | None

    def convert(self, net: Money, *, now: datetime) -> Conversion | CarriedBecause:
        """Express a net in the other currency, or say why that cannot be done now."""
        try:
            rate = usable_rate(self.newest, base=net.currency, quote=self.into, now=now)
        except FxRateMissing:
            return CarriedBecause.FX_RATE_MISSING
        except FxRateStale:
            return CarriedBecause.FX_RATE_STALE
        assert rate.fx_rate_id is not None, "nothing is converted into its own currency"
        amount = rate.convert(net, Rounding.HALF_EVEN)
        if not amount:
            return CarriedBecause.BELOW_MINIMUM
        if abs(amount.minor) > MINOR_MAX:
            return CarriedBecause.AMOUNT_OUT_OF_RANGE
        return Conversion(rate.fx_rate_id, amount)


def show_conversion(conversion: Conversion, rate: FxRate) -> dict[str, object]:
    """Write a conversion as it is hashed and certified, with all that it can be computed from."""
    amount = conversion.amount
    return {
        "amount": amount.minor,
        "currency": amount.currency,
        "digits": [exponent_of(rate.base), exponent_of(amount.currency)],
        "rate": rate.text,
        "rate_id": str(conversion.fx_rate_id),
        "source": rate.source,
    }
