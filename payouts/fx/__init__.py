"""Exchange rates: published, never edited, refused when they are old."""

from payouts.fx.errors import FxRateInvalid, FxRateMissing, FxRateStale
from payouts.fx.model import FxRate, usable_rate
from payouts.fx.publish_fx_rate import publish_fx_rate
from payouts.fx.queries import find_fx_rate, get_fx_rates, list_fx_rates, list_fx_rates_from

__all__ = [
    "FxRate",
    "FxRateInvalid",
    "FxRateMissing",
    "FxRateStale",
    "find_fx_rate",
    "get_fx_rates",
    "list_fx_rates",
    "list_fx_rates_from",
    "publish_fx_rate",
    "usable_rate",
]
