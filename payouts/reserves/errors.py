"""Refusals of reserves."""

from payouts.refusal import Refusal


class ReservePolicyInvalid(Refusal):
    """A reserve is at most half of what is paid, for one to 3,650 days."""
