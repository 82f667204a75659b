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


class WindowOpen(Refusal):
    """The settlement window has not ended yet."""

    retryable: ClassVar[bool] = True


class WindowOutOfOrder(Refusal):
    """Settlement windows are closed one after the other, and another one is next."""


class PreviousCycleInReview(Refusal):
    """The settlement cycle before is still in review; it is approved or abandoned first."""

    retryable: ClassVar[bool] = True


class ReviewOpen(Refusal):
    """The settlement cycle may still be disputed; it is approved when that time is over."""

    retryable: ClassVar[bool] = True


class ContentChanged(Refusal):
    """What was to be approved is not what stands now."""


class CalendarInvalid(Refusal):
    """The settlement calendar has a value that it cannot have."""


class ConversionInvalid(Refusal):
    """A net is converted into another currency, whose own nets are not converted."""


class SettlementCycleNotInReview(Refusal):
    """The settlement cycle is not in review."""


class ApproverIsMaker(Refusal):
    """Whoever made it may not approve it: a second person is needed."""


class AlreadyApproved(Refusal):
    """The same person approved it before: another one is needed."""


class CertificateNotReady(Refusal):
    """A line of the statement is not in a signed block yet."""

    retryable: ClassVar[bool] = True


class NoCertificate(Refusal):
    """The statement has too many lines for a certificate, or is of an earlier release."""


class StatementAltered(Refusal):
    """The postings no longer give what the statement says; nothing is paid before it is clear why."""


class StatementNotFinal(Refusal):
    """Only a final statement is adjusted; another is issued anew or abandoned with its cycle."""


class NothingToAdjust(Refusal):
    """Nothing corrects the statement that no adjustment statement says already."""

    retryable: ClassVar[bool] = True
