"""Refusals about rewards."""

from payouts.refusal import Refusal


class RewardNotFound(Refusal):
    """There is no such reward."""


class RewardInvalid(Refusal):
    """The reward cannot be taken as it is described."""


class RewardNotPublishable(Refusal):
    """The reward has nothing new to publish."""


class FaceNotOnSale(Refusal):
    """The reward has no such face value."""


class RewardMatchNotFound(Refusal):
    """There is no such match."""


class RewardMatchConflict(Refusal):
    """One of the two is sold as a third by now."""
