"""Refusals about stocks."""

from payouts.refusal import Refusal


class StockInvalid(Refusal):
    """The stock cannot be set."""


class CardsSoldOut(Refusal):
    """All cards are sold, or reserved by quotes for some minutes."""
