"""Refusals about seats."""

from payouts.refusal import Refusal


class SlotNotFound(Refusal):
    """There is no such slot."""


class SlotInvalid(Refusal):
    """The slot cannot be offered as described."""


class SlotOver(Refusal):
    """The slot has begun."""


class SoldOut(Refusal):
    """All seats of the slot are taken."""


class ExperienceAgreementMissing(Refusal):
    """The partner has no agreement in force in the price's currency."""


class BookingNotFound(Refusal):
    """There is no such booking."""


class BookingEnded(Refusal):
    """The booking was cancelled, or the experience has begun."""
