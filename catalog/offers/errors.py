"""Refusals about offers."""

from payouts.refusal import Refusal


class OfferNotFound(Refusal):
    """There is no such offer."""


class OfferOver(Refusal):
    """The offer is over or not on sale."""
