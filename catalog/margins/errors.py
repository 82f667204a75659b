"""Refusals about margins."""

from payouts.refusal import Refusal


class MarginInvalid(Refusal):
    """The margin cannot be published."""
