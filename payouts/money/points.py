"""Points: whole, of no currency, and never added to or compared with money."""

from dataclasses import dataclass
from fractions import Fraction

from payouts.money.errors import InvalidAmount, UnknownCurrency
from payouts.money.model import CURRENCIES, Money, Rate, Rounding, exponent_of, round_fraction

POINTS_UNIT = "POINTS"
"""The unit in which points stand in the books; no currency is called so."""

CURRENCY_KIND, POINTS_KIND = "currency", "points"


@dataclass(frozen=True, slots=True)
class Points:
    """A number of points. What they are worth in money a quoted rate says, each time anew."""

    minor: int

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise InvalidAmount(amount=repr(self.minor))

    @classmethod
    def zero(cls) -> "Points":
        """No points."""
        return cls(0)

    @property
    def unit(self) -> str:
        """The unit of the books that they are in."""
        return POINTS_UNIT

    def _other(self, other: "Points") -> int:
        if type(other) is not Points:
            raise TypeError(f"points do not mix with {type(other).__name__}")
        return other.minor

    def __add__(self, other: "Points") -> "Points":
        return Points(self.minor + self._other(other))

    def __sub__(self, other: "Points") -> "Points":
        return Points(self.minor - self._other(other))

    def __neg__(self) -> "Points":
        return Points(-self.minor)

    def __lt__(self, other: "Points") -> bool:
        return self.minor < self._other(other)

    def __le__(self, other: "Points") -> bool:
        return self.minor <= self._other(other)

    def __gt__(self, other: "Points") -> bool:
        return self.minor > self._other(other)

    def __ge__(self, other: "Points") -> bool:
        return self.minor >= self._other(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.minor} {POINTS_UNIT}"


def kind_of(unit: str) -> str:
    """Tell of which kind a unit of the books is, "currency" or "points"; raises UnknownCurrency."""
    if unit in CURRENCIES:
        return CURRENCY_KIND
    if unit == POINTS_UNIT:
        return POINTS_KIND
    raise UnknownCurrency(currency=unit)


def amount_in(unit: str, minor: int) -> Money | Points:
    """Make the amount that a line of the books states: money, or points. Raises UnknownCurrency."""
    return Points(minor) if unit == POINTS_UNIT else Money(minor, unit)


def worth_of(points: Points, rate: Rate, rounding: Rounding) -> Money:
    """Express points in the currency that the rate quotes for one of them."""
    if rate.base != POINTS_UNIT:
        raise InvalidAmount("A rate of points says what one point costs.", base=rate.base)
    exact = points.minor * Fraction(rate.value) * 10 ** exponent_of(rate.quote)
    return Money(round_fraction(exact, rounding), rate.quote)
