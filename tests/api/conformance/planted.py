"""Adapters with one fault each. Every one of them works well until its fault matters."""

import json
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

from catalog.suppliers import (
    Capability,
    OrderState,
    Secret,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierCode,
    SupplierEvent,
    SupplierOrder,
    SupplierRefused,
    SupplierUnauthorised,
    SupplierUnknownOutcome,
    not_offered,
)
from catalog.suppliers.exchange import Channel, open_client
from payouts.money import Money
from payouts.refusal import Refusal


class Planted:
    """Does what a real adapter does."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class SellsFromAPool(Planted):
    """Has a catalogue, and takes no orders."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.RANGES})

    async def place_order(self, *order: Any) -> SupplierOrder:
        raise not_offered(Capability.ORDERS)

    async def find_order(self, key: str) -> SupplierOrder | None:
        raise not_offered(Capability.LOOKUP)


class TreatsTimeoutAsRefused(Planted):
    async def place_order(self, *order: Any) -> SupplierOrder:
        try:
            return await self.real.place_order(*order)
        except SupplierUnknownOutcome as unknown:
            raise SupplierRefused("TIMEOUT", unknown.message) from None


class SendsAgain(Planted):
    async def place_order(self, *order: Any) -> SupplierOrder:
        try:
            return await self.real.place_order(*order)
        except SupplierUnknownOutcome:
            return await self.real.place_order(*order)


class TreatsBusyAsRefused(Planted):
    async def place_order(self, *order: Any) -> SupplierOrder:
        try:
            return await self.real.place_order(*order)
        except SupplierBusy as busy:
            raise SupplierRefused("BUSY", busy.message) from None


class TakesPendingForSuccess(Planted):
    async def place_order(self, *order: Any) -> SupplierOrder:
        return replace(await self.real.place_order(*order), state=OrderState.SUCCEEDED)


class TakesTheNearestFace(Planted):
    async def place_order(self, key: str, sku: str, face: Money, quantity: int) -> SupplierOrder:
        try:
            return await self.real.place_order(key, sku, face, quantity)
        except SupplierRefused:
            near = Money(max(face.minor // 100 * 100, 100), face.currency)
            return await self.real.place_order(key, sku, near, quantity)


class OrdersOneAtATime(Planted):
    async def place_order(self, key: str, sku: str, face: Money, quantity: int) -> SupplierOrder:
        return await self.real.place_order(key, sku, face, 1)


class TellsTheListPrice(Planted):
    """Tells the face as the cost, whatever was charged."""

    async def place_order(self, key: str, sku: str, face: Money, quantity: int) -> SupplierOrder:
        order = await self.real.place_order(key, sku, face, quantity)
        return replace(order, cost=Money(face.minor * quantity, face.currency))


class IgnoresTheChargesCurrency(Planted):
    async def place_order(self, *order: Any) -> SupplierOrder:
        placed = await self.real.place_order(*order)
        return replace(placed, cost=Money(placed.cost.minor, "SAR") if placed.cost else None)


class TrustsWhatIsFound(Planted):
    """Where an answer is not about what was ordered, takes whatever is under the key for it."""

    async def place_order(self, *order: Any) -> SupplierOrder:
        try:
            return await self.real.place_order(*order)
        except SupplierUnknownOutcome:
            found = await self.real.find_order(order[0])
            if found is None:
                raise
            return found


class TakesTwinsForRefused(Planted):
    async def place_order(self, *order: Any) -> SupplierOrder:
        if await self.real.find_order(order[0]) is not None:
            raise SupplierRefused("DUPLICATE", "The key was used before.")
        return await self.real.place_order(*order)


class FindsTheLatest(Planted):
    """Looks up what was ordered last, whatever the key."""

    latest: str | None = None

    async def place_order(self, *order: Any) -> SupplierOrder:
        self.latest = order[0]
        return await self.real.place_order(*order)

    async def find_order(self, key: str) -> SupplierOrder | None:
        return await self.real.find_order(self.latest or key)


class FindsNothingWhenItFails(Planted):
    async def find_order(self, key: str) -> SupplierOrder | None:
        try:
            return await self.real.find_order(key)
        except Refusal:
            return None


class RemembersThatNothingWasFound(Planted):
    def __init__(self, real: Any) -> None:
        super().__init__(real)
        self.absent: set[str] = set()

    async def find_order(self, key: str) -> SupplierOrder | None:
        if key in self.absent:
            return None
        found = await self.real.find_order(key)
        if found is None:
            self.absent.add(key)
        return found


class HidesTwins(Planted):
    async def find_order(self, key: str) -> SupplierOrder | None:
        found = await self.real.find_order(key)
        return None if found is None else replace(found, others=())


class LosesZeros(Planted):
    async def fetch_codes(self, reference: str) -> tuple[SupplierCode, ...]:
        codes = await self.real.fetch_codes(reference)
        return tuple(SupplierCode(Secret(str(int(one.number.reveal()))), one.pin) for one in codes)


class TellsCodesOfAnother(Planted):
    """Tells the codes of the order before."""

    async def fetch_codes(self, reference: str) -> tuple[SupplierCode, ...]:
        with suppress(Refusal, ValueError):
            return await self.real.fetch_codes(str(int(reference) - 1))
        return await self.real.fetch_codes(reference)


class FillsABatchUp(Planted):
    quantity = 1

    async def place_order(self, key: str, sku: str, face: Money, quantity: int) -> SupplierOrder:
        self.quantity = quantity
        return await self.real.place_order(key, sku, face, quantity)

    async def fetch_codes(self, reference: str) -> tuple[SupplierCode, ...]:
        codes = await self.real.fetch_codes(reference)
        return (codes * self.quantity)[: max(self.quantity, len(codes))]


class DeliversNothing(Planted):
    async def fetch_codes(self, reference: str) -> tuple[SupplierCode, ...]:
        try:
            return await self.real.fetch_codes(reference)
        except SupplierAnswerInvalid:
            return ()


class Told(SupplierCode):
    def __repr__(self) -> str:
        return self.number.reveal()


class TellsCodesInItsRepr(Planted):
    async def fetch_codes(self, reference: str) -> Any:
        return tuple(Told(one.number, one.pin) for one in await self.real.fetch_codes(reference))


class DeclaresTooLittle(Planted):
    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.real.capabilities - {Capability.WEBHOOKS}


class DeclaresTooMuch(Planted):
    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.real.capabilities | {Capability.CANCEL}


class AcceptsForgedMessages(Planted):
    def read_event(self, headers: dict[str, str], body: bytes) -> SupplierEvent:
        return self.real.read_event({**headers, "x-api-key": "mizan-demo-webhook-key"}, body)


class AcceptsWithoutAgreement(Planted):
    def read_event(self, headers: dict[str, str], body: bytes) -> SupplierEvent:
        if not self.real.webhook_keys:
            value = json.loads(body)
            return replace(_EVENT, event_id=str(value["id"]))
        return self.real.read_event(headers, body)


class MakesUpEventIds(Planted):
    turns = count(1)

    def read_event(self, headers: dict[str, str], body: bytes) -> SupplierEvent:
        return replace(self.real.read_event(headers, body), event_id=str(next(self.turns)))


class FollowsRedirects(Planted):
    def __init__(self, real: Any) -> None:
        super().__init__(real)
        line = real.http.line
        client = open_client()
        client.follow_redirects = True
        real.http.line = Channel(client, line.headers)
        self.closed = line.client

    async def aclose(self) -> None:
        await self.closed.aclose()
        await self.real.aclose()


class NeverRenewsItsToken(Planted):
    def __init__(self, real: Any) -> None:
        super().__init__(real)
        credentials = real.http._credentials

        class Stubborn:
            async def headers(self, line: Channel, *, refused: Any) -> Any:
                if refused is not None:
                    raise SupplierUnauthorised
                return await credentials.headers(line, refused=None)

        real.http._credentials = Stubborn()


class ShowsItsSecret(Planted):
    def __repr__(self) -> str:
        return "Supplier(client_secret='mizan-demo-secret')"


_EVENT = SupplierEvent("", subject="order")  # type: ignore[arg-type]
