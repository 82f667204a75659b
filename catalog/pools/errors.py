"""Refusals about codes in a pool."""

from payouts.refusal import Refusal


class NoCodeLeft(Refusal):
    """No code of this face is left."""


class TooManyReserved(Refusal):
    """The member keeps as many codes reserved as one may; they are free again when quotes expire."""


class ReservationLost(Refusal):
    """The code is no longer reserved for this quote."""
