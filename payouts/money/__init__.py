"""Money: exact amounts, allocation, conversion."""

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
    proportion,
    share_of,
)
from payouts.money.new_id import new_id

__all__ = [
    "CURRENCIES",
    "MINOR_MAX",
    "AmountOutOfRange",
    "CurrencyMismatch",
    "InvalidAmount",
    "Money",
    "Rate",
    "Rounding",
    "UnknownCurrency",
    "allocate",
    "convert",
    "exponent_of",
    "new_id",
    "proportion",
    "share_of",
]
