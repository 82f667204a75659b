"""Prices: exact lines that sum to what a member pays."""

from catalog.pricing.errors import CurrencyNotOffered, RewardHasNoPrice
from catalog.pricing.model import (
    Price,
    PriceBook,
    PriceLine,
    PriceLineKind,
    cost_of_card,
    price_cheapest,
    price_reward,
)
from catalog.pricing.queries import find_price, read_price_book

__all__ = [
    "CurrencyNotOffered",
    "Price",
    "PriceBook",
    "PriceLine",
    "PriceLineKind",
    "RewardHasNoPrice",
    "cost_of_card",
    "find_price",
    "price_cheapest",
    "price_reward",
    "read_price_book",
]
