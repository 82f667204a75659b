"""Money and points: exact amounts of either, allocation, conversion."""

from payouts.money.errors import (
    AmountOutOfRange,
    CurrencyMismatch,
    InvalidAmount,
    UnknownCurrency,
)
from payouts.money.model import (
    CURRENCIES,
    MINOR_MAX,
    Money,
    Rate,
    Rounding,
    allocate,
    convert,
    exponent_of,
    first_id,
    proportion,
    share_of,
)
from payouts.money.new_id import new_id
from payouts.money.points import POINTS_UNIT, Points, amount_in, kind_of, worth_of

__all__ = [
    "CURRENCIES",
    "MINOR_MAX",
    "POINTS_UNIT",
    "AmountOutOfRange",
    "CurrencyMismatch",
    "InvalidAmount",
    "Money",
    "Points",
    "Rate",
    "Rounding",
    "UnknownCurrency",
    "allocate",
    "amount_in",
    "convert",
    "exponent_of",
    "first_id",
    "kind_of",
    "new_id",
    "proportion",
    "share_of",
    "worth_of",
]
