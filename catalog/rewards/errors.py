"""Refusals about rewards."""

from typing import ClassVar

from payouts.refusal import Refusal


class RewardNotFound(Refusal):
    """There is no such reward."""


class RewardInvalid(Refusal):
    """The reward cannot be taken as it is described."""


class RewardNotPublishable(Refusal):
    """The reward has nothing new to publish."""


class RewardStateConflict(Refusal):
    """The reward is in a state from which this does not lead on."""


class RewardIncomplete(Refusal):
    """The reward lacks something that it must have before it is reviewed."""


class RewardSubmitterDecides(Refusal):
    """Whoever submitted a reward may not decide about it: a second person is needed."""


class RewardTimeInvalid(Refusal):
    """A reward comes on sale, or goes off it, at an instant that is still to come."""


class RewardReasonInvalid(Refusal):
    """A reason is a text of 1 to 500 characters."""


class RewardWithdrawn(Refusal):
    """Its supplier no longer offers the reward."""


class RewardPaused(Refusal):
    """The reward is off sale for a while."""

    retryable: ClassVar[bool] = True


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
