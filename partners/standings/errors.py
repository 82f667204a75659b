"""Refusals about standings."""

from payouts.refusal import Refusal


class StandingInvalid(Refusal):
    """The standing cannot be set."""
