"""Refusals at the edge to suppliers."""

from typing import ClassVar

from payouts.refusal import Refusal


class FeedUnreadable(Refusal):
    """The supplier's catalogue file cannot be read at all."""


class SupplierUnknownOutcome(Refusal):
    """The supplier did not say whether the order was taken; look it up before any second try."""


class SupplierOrderMistaken(SupplierUnknownOutcome):
    """The supplier took an order and tells it under another key than ours; never send it again."""


class SupplierBusy(Refusal):
    """The supplier cannot answer now; nothing was ordered."""

    retryable: ClassVar[bool] = True


class SupplierUnauthorised(Refusal):
    """The supplier does not accept our credentials."""


class SupplierAnswerInvalid(Refusal):
    """The supplier's answer cannot be understood."""


class SupplierRefused(Refusal):
    """The supplier refuses the order; nothing was ordered."""

    def __init__(self, code: str, message: str, *, is_out_of_stock: bool = False) -> None:
        super().__init__(message or None, code=code)
        self.code = code
        self.is_out_of_stock = is_out_of_stock


class SupplierNotFound(Refusal):
    """There is no such supplier."""


class SupplierInvalid(Refusal):
    """The supplier's name or terms cannot be taken."""


class MappingInvalid(Refusal):
    """The description of the feed cannot be taken."""


class AddressRefused(Refusal):
    """The address is not one that is fetched from."""


class FeedSourceNotFound(Refusal):
    """The network has described no feed of this supplier."""


class SupplierConflict(Refusal):
    """A supplier of this name is registered on other terms."""
