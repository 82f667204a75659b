"""Refusals of disbursement."""

from typing import ClassVar

from payouts.refusal import Refusal


class PayoutNotFound(Refusal):
    """There is no such payout."""


class CollectionNotFound(Refusal):
    """There is no such collection."""


class TopUpNotFound(Refusal):
    """There is no such top-up."""


class PayeeNotFound(Refusal):
    """There is no such payee."""


class PayeeNotReady(Refusal):
    """The payee cannot receive money yet: its onboarding is not complete."""

    retryable: ClassVar[bool] = True


class PayoutBelowMinimum(Refusal):
    """The amount is below the smallest payout."""


class PayoutNotPayable(Refusal):
    """The currency is paid out in whole multiples only, and the amount is none."""


class PayoutNotPending(Refusal):
    """The payout is not waiting for an approval."""


class PayoutNotRetryable(Refusal):
    """Only a payout that was returned or has failed can be tried again."""


class PayoutNotCancellable(Refusal):
    """The payout is under way or over and can no longer be cancelled."""


class DestinationChanged(Refusal):
    """The payee's account changed since the payout was requested."""


class DestinationChangeNotFound(Refusal):
    """There is no such change of destination."""


class DestinationChangeNotOpen(Refusal):
    """The change of destination was decided before, or taken back."""


class PayoutNotHeld(Refusal):
    """The payout is not held for a checker to release."""


class CooldownTooLong(Refusal):
    """A change of destination is on notice for no time up to thirty days."""


class BankFileNotUsed(Refusal):
    """The network does not pay by bank files."""


class InvalidBankAccount(Refusal):
    """A bank account has a holder, an IBAN whose check digits fit or another id, and a BIC."""


class InvalidPayee(Refusal):
    """A payee has a country of two capital letters, an e-mail address and a web address."""
