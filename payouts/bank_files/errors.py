"""Refusals of bank files."""

from payouts.refusal import Refusal


class BankFileNotFound(Refusal):
    """There is no such bank file."""


class BankFileReleased(Refusal):
    """The bank file was released before and can no longer be changed."""


class BankFileNotCreated(Refusal):
    """The bank file is not made, or was released before."""


class BankFileNotReleased(Refusal):
    """The bank file is not released yet."""


class BankFileEmpty(Refusal):
    """There is nothing in the bank file."""


class BankFileAltered(Refusal):
    """The bank file is not the one that was made: it must be made and approved anew."""


class DebitAccountMissing(Refusal):
    """Nobody said from which bank account payouts of this currency are paid."""


class PayoutNotWithBank(Refusal):
    """The payout is not with the bank by a released file, or nobody reported it unpaid."""
