"""Refusals about assortments."""

from payouts.refusal import Refusal


class AssortmentInvalid(Refusal):
    """The assortment cannot be published."""
