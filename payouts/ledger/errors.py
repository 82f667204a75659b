"""Refusals of the ledger."""

from typing import ClassVar

from payouts.refusal import Refusal


class BalanceTooLow(Refusal):
    """The balance, less what is held, does not cover the amount."""

    retryable: ClassVar[bool] = True


class FloorLimitTooLow(Refusal):
    """The account is further below zero than that already, or more is set aside on it."""

    retryable: ClassVar[bool] = True


class AccountNotOpen(Refusal):
    """The account is frozen or closed."""


class PeriodClosed(Refusal):
    """The accounting period is closed."""


class PeriodNotOver(Refusal):
    """The accounting period is not over yet."""

    retryable: ClassVar[bool] = True


class PeriodCloserIsProposer(Refusal):
    """A period is closed by somebody other than who proposed it."""


class HoldNotFound(Refusal):
    """There is no such hold."""


class HoldHasLess(Refusal):
    """The hold has less left than that, or is already resolved."""


class LedgerFault(Exception):
    """The ledger refused a journal that no correct use case would have written."""

    def __init__(self, sqlstate: str, message: str) -> None:
        self.sqlstate = sqlstate
        super().__init__(f"{sqlstate}: {message}")


class ReversalFault(LedgerFault):
    """A journal would reverse a reversal, an unknown journal, or more than was posted."""
