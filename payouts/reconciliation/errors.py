"""Refusals of reconciliation."""

from typing import ClassVar

from payouts.refusal import Refusal


class BankDocumentRefused(Refusal):
    """The bank document cannot be taken in: {reason}"""


class DuplicateStatement(Refusal):
    """This bank statement was imported already."""


class StatementConflict(Refusal):
    """Another bank statement with this id but other content was imported before."""


class ReconciliationItemNotFound(Refusal):
    """There is no such reconciliation item."""


class ReconciliationItemNotOpen(Refusal):
    """The reconciliation item is not open for this."""


class ResolutionUnfit(Refusal):
    """This resolution does not fit the item: {reason}"""


class ApproverIsProposer(Refusal):
    """A resolution is approved by somebody other than who proposed it."""


class PeriodHasOpenItems(Refusal):
    """The period still has reconciliation items or clearing accounts that are open."""

    retryable: ClassVar[bool] = True
