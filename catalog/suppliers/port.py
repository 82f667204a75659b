"""What the catalogue asks of any supplier."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Protocol

from catalog.availability import Availability
from catalog.suppliers.errors import SupplierRefused
from catalog.suppliers.model import Feed, Secret
from payouts.money import Money


class OrderState(Enum):
    """How far the supplier is with an order. A state we do not know counts as pending."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"


class Capability(StrEnum):
    """What a supplier can do; what it does not declare is never asked of it.

    Conformance asks for each whether it is so, also of those that are not declared.
    """

    ORDERS = "orders"
    """It sells by order; without this it is sold from a pool of codes."""
    RANGES = "ranges"
    """It has items with any face between two bounds."""
    DELAYED = "delayed"
    """An order may be pending before it succeeds."""
    LOOKUP = "lookup"
    """An order is found by our key."""
    TWINS_REFUSED = "twins_refused"
    """A second order under one key is the first one, told again."""
    QUANTITIES = "quantities"
    """One order may be of several cards."""
    CANCEL = "cancel"
    """An order can be cancelled until its cards are used."""
    STOCK = "stock"
    """The catalogue says whether an item is in stock."""
    WEBHOOKS = "webhooks"
    """It reports by itself when an order or an item changes."""


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


class EventSubject(StrEnum):
    """What a supplier's message is about."""

    ORDER = "order"
    ITEM = "item"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ItemAvailability:
    """How much a message says there is of an item, and its place among the supplier's messages."""

    supplier_sku: str
    availability: Availability
    observed_at: datetime
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class SupplierEvent:
    """A message of a supplier's, authentic. It says what to look at again, never what is so.

    But for how much there is of an item: nobody can be asked that of one item alone.
    """

    event_id: str
    subject: EventSubject
    key: str | None = None
    """Our key of the order, when the message has it."""
    supplier_sku: str | None = None
    said: ItemAvailability | None = None


class Supplier(Protocol):
    """A supplier of gift cards.

    Every call may raise SupplierBusy (nothing happened, try later), SupplierUnauthorised or
    SupplierAnswerInvalid; one that is not declared refuses with NOT_OFFERED.
    """

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        ...

    async def fetch_feed(self, country: str) -> bytes:
        """Fetch the catalogue of a country, whole, in the supplier's own shape."""
        ...

    def read_feed(self, raw: bytes) -> Feed:
        """Read a fetched catalogue. Raises FeedUnreadable when it holds no items at all."""
        ...

    async def place_order(
        self, key: str, supplier_sku: str, face: Money, quantity: int
    ) -> SupplierOrder:
        """Order cards; never repeated by the adapter.

        Not every supplier refuses a second order under the same key, so a key that was sent once
        is looked up before it is sent again. Raises SupplierRefused (nothing was ordered),
        SupplierUnknownOutcome (it may have been) or SupplierOrderMistaken (something was, under
        another key).
        """
        ...

    async def find_order(self, key: str) -> SupplierOrder | None:
        """Look an order up by our key; None when the supplier knows none."""
        ...

    async def fetch_codes(self, reference: str) -> tuple[SupplierCode, ...]:
        """Fetch the cards of an order that succeeded. Raises SupplierRefused when there are none."""
        ...

    async def cancel_order(self, reference: str) -> SupplierOrder:
        """Cancel an order whose cards are not used; cancelling again tells the same.

        Raises SupplierRefused (it stands) or SupplierUnknownOutcome (look it up).
        """
        ...

    def read_event(self, headers: dict[str, str], body: bytes) -> SupplierEvent:
        """Read a message of the supplier's, its header names in lower case.

        Raises SupplierUnauthorised when it is not authentic, SupplierAnswerInvalid when it cannot
        be read.
        """
        ...

    async def aclose(self) -> None:
        """Let go of its connections."""
        ...


def not_offered(what: Capability) -> SupplierRefused:
    """Refuse a call that a supplier does not declare."""
    return SupplierRefused("NOT_OFFERED", f"This supplier does not offer {what.value}.")
