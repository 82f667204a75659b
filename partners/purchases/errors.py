"""Refusals about purchases and returns."""

from collections.abc import Mapping

from payouts.refusal import Refusal


class SomeNotPosted(Exception):
    """The ledger took some of many purchases and refused others; nothing of them may stay.

    `refusals` tells which, by their place in the batch. Whoever owns the transaction rolls it
    back and records the others.
    """

    def __init__(self, refusals: Mapping[int, Refusal]) -> None:
        self.refusals = refusals
        super().__init__(f"{len(refusals)} refused")


class PurchaseNotFound(Refusal):
    """There is no such purchase."""


class AmountNotPositive(Refusal):
    """The amount of a purchase or a return is more than nothing."""


class CurrencyNotAgreed(Refusal):
    """The amount is not in the agreed currency."""


class PurchaseInFuture(Refusal):
    """The purchase has not happened yet."""


class PurchaseBeforeAgreement(Refusal):
    """No agreement with the partner was in force at the time of the purchase."""


class PurchaseConflict(Refusal):
    """Another purchase was reported under this external id."""


class InvalidExternalId(Refusal):
    """An external id has 1 to 255 characters."""


class InvalidCategory(Refusal):
    """A category has 1 to 64 characters."""


class ReturnExceedsPurchase(Refusal):
    """More would be returned than was bought."""


class ReturnConflict(Refusal):
    """Another return was reported under this external id."""
