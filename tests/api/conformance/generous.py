"""An adapter that can more than Xoxoday's API, by help of its double; and spoilt ones of it.

It stands in for suppliers that cancel orders, tell stock, and answer a second order under one key
with the first, so that the checks of these are tried as well.
"""

from dataclasses import replace
from typing import Any

from api.conformance import Bench
from catalog.suppliers import (
    Capability,
    Feed,
    OrderState,
    SupplierOrder,
    SupplierRefused,
)
from payouts.money import Money
from tests.api.conformance.planted import Planted

MORE = frozenset({Capability.CANCEL, Capability.STOCK, Capability.TWINS_REFUSED})


class Generous(Planted):
    bench: Bench

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.real.capabilities | MORE

    async def place_order(self, key: str, sku: str, face: Money, quantity: int) -> SupplierOrder:
        first = await self.real.find_order(key)
        return first or await self.real.place_order(key, sku, face, quantity)

    async def cancel_order(self, reference: str) -> SupplierOrder:
        orders = await self.bench.double.control("GET", "orders")
        if reference not in [one["reference"] for one in orders]:
            raise SupplierRefused("UNKNOWN", "There is no such order.")
        await self.bench.double.control("POST", f"orders/{reference}", {"status": "canceled"})
        return SupplierOrder(reference, OrderState.FAILED, None, "canceled")

    async def fetch_feed(self, country: str) -> bytes:
        items = await self.bench.double.items(country)
        self.absent = {sku for sku, one in items.items() if not one["isActive"]}
        return await self.real.fetch_feed(country)

    def read_feed(self, raw: bytes) -> Feed:
        feed = self.real.read_feed(raw)
        items = (replace(one, is_active=one.supplier_sku not in self.absent) for one in feed.items)
        return replace(feed, items=tuple(items))


class OrdersTwins(Generous):
    async def place_order(self, *order: Any) -> SupplierOrder:
        if await self.real.find_order(order[0]):
            await self.bench.double.play("duplicate")
        return await self.real.place_order(*order)


class SaysThatItCancels(Generous):
    async def cancel_order(self, reference: str) -> SupplierOrder:
        return SupplierOrder(reference, OrderState.FAILED, None, "canceled")


class CancelsOnce(Generous):
    async def cancel_order(self, reference: str) -> SupplierOrder:
        for order in await self.bench.double.control("GET", "orders"):
            if order["reference"] == reference and order["status"] == "canceled":
                raise SupplierRefused("CANCELLED", "It is cancelled already.")
        return await super().cancel_order(reference)


class CancelsWhatIsNotThere(Generous):
    async def cancel_order(self, reference: str) -> SupplierOrder:
        if reference == "999999999":
            return SupplierOrder(reference, OrderState.FAILED, None, "canceled")
        return await super().cancel_order(reference)


class IgnoresStock(Generous):
    def read_feed(self, raw: bytes) -> Feed:
        return self.real.read_feed(raw)


class DropsWhatIsOutOfStock(Generous):
    def read_feed(self, raw: bytes) -> Feed:
        feed = super().read_feed(raw)
        return replace(feed, items=tuple(one for one in feed.items if one.is_active))
