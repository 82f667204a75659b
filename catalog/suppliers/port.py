"""What the catalogue asks of any supplier."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from catalog.suppliers.model import Secret
from payouts.money import Money


class OrderState(Enum):
    """How far the supplier is with an order. A state we do not know counts as pending."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SupplierOrder:
    """An order as the supplier knows it."""

    reference: str
    state: OrderState
    cost: Money | None
    """What the supplier charges in all: price and fees less its discount."""
    failure: str | None = None
    others: tuple[str, ...] = ()
    """References of further orders under the same key that are not failed; to be reconciled."""


@dataclass(frozen=True, slots=True)
class SupplierCode:
    """One delivered card. Numbers are text: leading zeros and spaces are part of them."""

    number: Secret
    pin: Secret | None = None


class Supplier(Protocol):
    """A supplier of gift cards.

    Every call may raise SupplierBusy (nothing happened, try later), SupplierUnauthorised or
    SupplierAnswerInvalid.
    """

    async def fetch_feed(self, country: str) -> bytes:
        """Fetch the catalogue of a country, whole, in the supplier's own shape."""
        ...

    async def place_order(
        self, key: str, supplier_sku: str, face: Money, quantity: int
    ) -> SupplierOrder:
        """Order cards; never repeated by the adapter.

        Suppliers do not refuse a second order under the same key, so a key that was sent once is
        looked up before it is sent again. Raises SupplierRefused (nothing was ordered) or
        SupplierUnknownOutcome (it may have been).
        """
        ...

    async def find_order(self, key: str) -> SupplierOrder | None:
        """Look an order up by our key; None when the supplier knows none."""
        ...

    async def fetch_codes(self, reference: str) -> tuple[SupplierCode, ...]:
        """Fetch the cards of an order that succeeded. Raises SupplierRefused when there are none."""
        ...
