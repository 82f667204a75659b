"""Refusals of halts."""

from typing import ClassVar

from payouts.refusal import Refusal


class Halted(Refusal):
    """Payouts and codes are stopped: a check found that the books do not add up."""

    retryable: ClassVar[bool] = True


class HaltNotFound(Refusal):
    """There is no such halt."""


class HaltIsLifted(Refusal):
    """The halt was lifted before."""
