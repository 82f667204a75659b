"""Refusals of searching."""

from payouts.refusal import Refusal


class SearchInvalid(Refusal):
    """This cannot be searched for."""
