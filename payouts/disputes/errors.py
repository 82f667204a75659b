"""Refusals of disputes."""

from payouts.refusal import Refusal


class DisputeNotFound(Refusal):
    """There is no such dispute."""


class StatementNotDisputable(Refusal):
    """The statement is final, or another version stands in its place."""


class DisputeTooLate(Refusal):
    """The time to dispute the statement is over."""


class LineNotDisputable(Refusal):
    """The statement has no such line that its partner bears."""


class LineDisputed(Refusal):
    """The line is disputed already."""


class DisputeAboveLine(Refusal):
    """More is disputed than the line says, or more is accepted than was disputed."""


class DisputeNotOpen(Refusal):
    """The dispute was decided or withdrawn."""


class InvalidReason(Refusal):
    """A reason of at most 500 characters is needed."""
