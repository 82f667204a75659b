"""Money as integers of minor units: exact arithmetic, named rounding, nothing lost."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from uuid import UUID

from payouts.money.currencies import EXPONENTS
from payouts.money.errors import (
    AmountOutOfRange,
    CurrencyMismatch,
    InvalidAmount,
    UnknownCurrency,
)

MINOR_MAX = 10**15
"""The largest amount a caller may name, in minor units; sums in the books may be larger."""

CURRENCIES = frozenset(EXPONENTS)
_DECIMAL = re.compile(r"-?\d{1,16}(\.\d{1,4})?", re.ASCII)


class Rounding(Enum):
    """How a fraction of a minor unit is decided; always named at the call."""

    HALF_EVEN = "half_even"
    HALF_UP = "half_up"
    FLOOR = "floor"
    CEILING = "ceiling"


def exponent_of(currency: str) -> int:
    """Tell how many decimal digits the currency has (ISO 4217): 0, 2 or 3.

    Raises UnknownCurrency.
    """
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise UnknownCurrency(currency=currency) from None


def round_fraction(value: Fraction, rounding: Rounding) -> int:
    """Turn an exact fraction of minor units into whole ones."""
    return divide(value.numerator, value.denominator, rounding)


def divide(number: int, by: int, rounding: Rounding) -> int:
    """Divide whole numbers, by one above zero, and decide what is left over."""
    floor, rest = divmod(number, by)
    if rest == 0 or rounding is Rounding.FLOOR:
        return floor
    if rounding is Rounding.CEILING:
        return floor + 1
    if 2 * rest != by:
        return floor + (2 * rest > by)
    if rounding is Rounding.HALF_EVEN:
        return floor + (floor % 2)
    return floor + (number > 0)  # half up means away from zero


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency, in its minor units."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise InvalidAmount(amount=repr(self.minor))
        exponent_of(self.currency)

    @classmethod
    def of_decimal(cls, text: str, currency: str) -> "Money":
        """Read a decimal text such as "100.00"; more digits than the currency has are refused."""
        exponent = exponent_of(currency)
        if not _DECIMAL.fullmatch(text):
            raise InvalidAmount(amount=text[:40])
        whole, _, digits = text.partition(".")
        if len(digits.rstrip("0")) > exponent:
            raise InvalidAmount(
                f"{currency} has {exponent} decimal digits.",
                amount=text,
                currency=currency,
            )
        minor = int(whole.lstrip("-") + digits[:exponent].ljust(exponent, "0"))
        if minor > MINOR_MAX:
            raise AmountOutOfRange(amount=text)
        return cls(-minor if text.startswith("-") else minor, currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Nothing, in a currency."""
        return cls(0, currency)

    @property
    def decimal(self) -> str:
        """The amount as decimal text with all digits of the currency, such as "100.00"."""
        exponent = exponent_of(self.currency)
        digits = str(abs(self.minor)).rjust(exponent + 1, "0")
        sign = "-" if self.minor < 0 else ""
        if exponent == 0:
            return sign + digits
        return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}"

    @property
    def unit(self) -> str:
        """The unit of the books that it is in: its currency."""
        return self.currency

    def _other(self, other: "Money") -> int:
        if type(other) is not Money:
            raise TypeError(f"money does not mix with {type(other).__name__}")
        if other.currency != self.currency:
            raise CurrencyMismatch(expected=self.currency, given=other.currency)
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._other(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._other(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._other(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._other(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._other(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._other(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"


@dataclass(frozen=True, slots=True)
class Rate:
    """How many units of `quote` one unit of `base` costs, as an exact decimal."""

    base: str
    quote: str
    value: Decimal

    def __post_init__(self) -> None:
        if not (self.value.is_finite() and self.value > 0):
            raise InvalidAmount("A rate is a positive decimal.", rate=str(self.value))


def allocate(total: Money, weights: Sequence[int]) -> list[Money]:
    """Split an amount by weights so that the parts sum to it exactly.

    Largest remainder; among equal remainders the earlier part gets the unit.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise InvalidAmount("Weights are not negative and their sum is positive.")
    size = abs(total.minor)
    parts = [size * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
    for index in by_remainder[: size - sum(parts)]:
        parts[index] += 1
    sign = -1 if total.minor < 0 else 1
    return [Money(sign * part, total.currency) for part in parts]


def share_of(amount: Money, *, basis_points: int, rounding: Rounding) -> Money:
    """Take a share given in basis points (1/10,000) of an amount."""
    return Money(divide(amount.minor * basis_points, 10_000, rounding), amount.currency)


def proportion(amount: Money, *, part: int, whole: int, rounding: Rounding) -> Money:
    """Take `part / whole` of an amount."""
    return Money(round_fraction(Fraction(amount.minor * part, whole), rounding), amount.currency)


def convert(amount: Money, rate: Rate, rounding: Rounding) -> Money:
    """Express an amount of the rate's base currency in its quote currency."""
    if amount.currency != rate.base:
        raise CurrencyMismatch(expected=rate.base, given=amount.currency)
    shift = Fraction(10) ** (exponent_of(rate.quote) - exponent_of(rate.base))
    exact = amount.minor * Fraction(rate.value) * shift
    return Money(round_fraction(exact, rounding), rate.quote)


def uuid7(milliseconds: int, random_bits: int) -> UUID:
    """Lay out a version 7 UUID (RFC 9562): 48 bits of time, then 74 random bits."""
    value = (milliseconds & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= ((random_bits >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random_bits & (2**62 - 1)
    return UUID(int=value)


def first_id(instant: datetime) -> UUID:
    """Lay out the smallest id that something made at an instant can have."""
    return uuid7(int(instant.timestamp() * 1000), 0)
