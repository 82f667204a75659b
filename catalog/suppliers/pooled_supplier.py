"""What suppliers have in common that are sold from a pool: nothing is ordered from them."""

from catalog.suppliers.feed_mapping import FeedMapping
from catalog.suppliers.mapped_feed import read_mapped_feed
from catalog.suppliers.model import Feed
from catalog.suppliers.port import (
    Capability,
    SupplierCode,
    SupplierEvent,
    SupplierOrder,
    not_offered,
)
from payouts.money import Money


class PooledSupplier:
    """A supplier that only tells what it sells; its codes were bought before, and loaded."""

    def __init__(self, mapping: FeedMapping) -> None:
        self.mapping = mapping

    @property
    def capabilities(self) -> frozenset[Capability]:
        """It declares nothing: whatever is sold of it is in the pool."""
        return frozenset()

    def read_feed(self, raw: bytes) -> Feed:
        """Read its catalogue as the network described it."""
        return read_mapped_feed(raw, self.mapping)

    async def place_order(
        self, key: str, supplier_sku: str, face: Money, quantity: int
    ) -> SupplierOrder:
        """Refuse: nothing is ordered."""
        raise not_offered(Capability.ORDERS)

    async def find_order(self, key: str) -> SupplierOrder | None:
        """Refuse: there are no orders."""
        raise not_offered(Capability.LOOKUP)

    async def fetch_codes(self, reference: str) -> tuple[SupplierCode, ...]:
        """Refuse: codes are in the pool."""
        raise not_offered(Capability.ORDERS)

    async def cancel_order(self, reference: str) -> SupplierOrder:
        """Refuse: there are no orders."""
        raise not_offered(Capability.CANCEL)

    def read_event(self, headers: dict[str, str], body: bytes) -> SupplierEvent:
        """Refuse: it sends nothing."""
        raise not_offered(Capability.WEBHOOKS)
