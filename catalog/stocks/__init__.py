"""Stocks: how many cards of the network's own can still be got."""

from catalog.stocks.errors import CardsSoldOut, StockInvalid
from catalog.stocks.queries import lock_card_stock, read_card_stocks
from catalog.stocks.set_card_stock import set_card_stock
from catalog.stocks.take_card import take_card

__all__ = [
    "CardsSoldOut",
    "StockInvalid",
    "lock_card_stock",
    "read_card_stocks",
    "set_card_stock",
    "take_card",
]
