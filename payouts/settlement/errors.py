"""Refusals of settlement."""

from typing import ClassVar

from payouts.refusal import Refusal


class SettlementCycleNotFound(Refusal):
    """There is no such settlement cycle."""


class StatementNotFound(Refusal):
    """There is no such statement."""


class NothingToSettle(Refusal):
    """Nothing between partners has moved since the last settlement cycle."""

    retryable: ClassVar[bool] = True


class SettlementCycleNotInReview(Refusal):
    """The settlement cycle is not in review."""


class ApproverIsMaker(Refusal):
    """Whoever made it may not approve it: a second person is needed."""


class StatementAltered(Refusal):
    """The postings no longer give what the statement says; nothing is paid before it is clear why."""
