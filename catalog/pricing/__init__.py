"""Prices: exact lines that sum to what a member pays."""

from catalog.pricing.errors import (
    CurrencyNotOffered,
    PointsExceedPrice,
    PointsTooFew,
    RewardHasNoPrice,
)
from catalog.pricing.model import (
    CostLines,
    Price,
    PriceBook,
    PriceLine,
    PriceLineKind,
    cost_of_card,
    price_cheapest,
    price_reward,
    shown_to_members,
)
from catalog.pricing.points import PointsPart, pay_in_points, points_for
from catalog.pricing.queries import find_price, read_price_book

__all__ = [
    "CostLines",
    "CurrencyNotOffered",
    "PointsExceedPrice",
    "PointsPart",
    "PointsTooFew",
    "Price",
    "PriceBook",
    "PriceLine",
    "PriceLineKind",
    "RewardHasNoPrice",
    "cost_of_card",
    "find_price",
    "pay_in_points",
    "points_for",
    "price_cheapest",
    "price_reward",
    "read_price_book",
    "shown_to_members",
]
