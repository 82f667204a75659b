"""What a price is in points, and which part of it points pay: exact, and never for too few."""

from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from catalog.pricing.errors import PointsExceedPrice, PointsTooFew
from payouts.fx import FxRate
from payouts.money import Money, Points, Rounding, exponent_of


@dataclass(frozen=True, slots=True)
class PointsPart:
    """The part of a price that is paid in points, at the rate it was quoted."""

    points: Points
    worth: Money
    rate_id: UUID


def points_for(amount: Money, rate: FxRate) -> Points:
    """Tell the fewest points that are worth an amount: less than one point too many."""
    exact = Fraction(amount.minor) / (Fraction(rate.value) * 10 ** exponent_of(rate.quote))
    return Points(-(-exact.numerator // exact.denominator))


def pay_in_points(total: Money, points: Points, rate: FxRate) -> PointsPart:
    """Pay a price with at most so many points: what they are worth in whole minor units.

    Points that would buy no further minor unit are not taken. Raises PointsTooFew, or
    PointsExceedPrice when fewer points pay all of it.
    """
    assert rate.fx_rate_id is not None
    price = points_for(total, rate)
    if points > price:
        raise PointsExceedPrice(points=price.minor, path=("points",))
    worth = min(rate.worth_of(points, Rounding.FLOOR), total)
    if worth.minor <= 0:
        raise PointsTooFew(path=("points",))
    return PointsPart(points_for(worth, rate), worth, rate.fx_rate_id)
