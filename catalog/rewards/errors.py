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


class ImportNotFound(Refusal):
    """There is no such import."""


class ImportNotWaiting(Refusal):
    """The import does not wait for anybody's approval."""


class ImportOutdated(Refusal):
    """A later import of the same supplier's catalogue decides what is on sale."""


class ImportDeciderStartedIt(Refusal):
    """Whoever started an import may not decide about it: a second person is needed."""


class ImportPolicyInvalid(Refusal):
    """The share is 0 to 10000 basis points, and the number 0 to 1000000."""


class RewardMatchNotFound(Refusal):
    """There is no such match."""


class RewardMatchConflict(Refusal):
    """One of the two is sold as a third by now."""
