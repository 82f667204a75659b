"""What every endpoint of a double that takes orders reads and answers with."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from starlette.requests import Request

from api.clock import Clock
from api.doubles.order_book import Order, OrderBook
from api.doubles.order_events import OrderEvents

Json = dict[str, Any]
BUSY = "The request cannot be processed now."


class Refused(Exception):
    """An answer in the shape of the supplier's errors."""

    def __init__(self, status: int, message: str, *, path: str | None = None) -> None:
        self.status, self.message, self.path = status, message, path
        super().__init__(message)


class Shop(Protocol):
    """How one supplier's double shows what it has."""

    @property
    def name(self) -> str:
        """Who is played."""
        ...

    @property
    def capabilities(self) -> frozenset[str]:
        """What its API can do."""
        ...

    @property
    def countries(self) -> Sequence[str]:
        """Where it sells."""
        ...

    @property
    def statuses(self) -> Collection[str]:
        """What an order may be moved to by control."""
        ...

    @property
    def untold(self) -> Collection[str]:
        """The statuses of which it sends no message."""
        ...

    @property
    def faults(self) -> Mapping[str, Collection[str]]:
        """What can be queued, by the place where it is played."""
        ...

    @property
    def has_tokens(self) -> bool:
        """Whether it gives out tokens that control can make invalid."""
        ...

    @property
    def webhook_secret(self) -> str:
        """What messages are signed with until control says otherwise; worth nothing elsewhere."""
        ...

    def listed(self, world: "World") -> list[Json]:
        """List what is on sale in all countries, amounts in minor units."""
        ...

    def reference(self, order: Order) -> str:
        """Write the supplier's reference of an order."""
        ...

    def number(self, reference: str) -> int:
        """Read the number of an order out of its reference; 0 when it is none."""
        ...

    def codes(self, world: "World", order: Order) -> list[tuple[str, str | None]]:
        """Show the cards of an order as they are in the end."""
        ...

    def order_message(self, world: "World", order: Order, event_id: str) -> Json | None:
        """Write the message that reports an order; None when it reports nothing."""
        ...

    def item_message(self, world: "World", sku: str, event_id: str) -> Json | None:
        """Write the message that reports an item; None when it reports none."""
        ...

    def sign(self, body: bytes, secret: str) -> dict[str, str]:
        """Give the headers that make a message authentic."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """What the endpoints of a double work on."""

    shop: Shop
    book: OrderBook
    clock: Clock
    events: OrderEvents
    catalogue: Json

    @property
    def changes(self) -> Mapping[str, str]:
        """What became of items, by sku."""
        return self.book.changes

    def note_read(self, order: Order) -> None:
        """Bring an order one reading closer to its goal; tell when it has come there."""
        arrived = self.book.note_read(order)
        if arrived is not None:
            self.tell_order(arrived)

    def change_item(self, sku: str, change: str | None) -> None:
        """Let something become of an item, or nothing any more, and tell so where it is told."""
        changes = {name: one for name, one in self.changes.items() if name != sku}
        self.book.set_setting("changes", {**changes, sku: change} if change else changes)
        self.events.tell(lambda event_id: self.shop.item_message(self, sku, event_id))

    def tell_order(self, order: Order) -> None:
        """Report an order, in a status that is reported."""
        if order.status in self.shop.untold:
            return
        self.events.tell(lambda event_id: self.shop.order_message(self, order, event_id))


def refuse_busy(kind: str) -> Refused:
    """Say a fault that is no refusal of an order."""
    return Refused(429 if kind == "error_429" else 500, BUSY)


def world_of(request: Request) -> World:
    """Find the state behind a request."""
    world: World = request.app.state.world
    return world


async def read_body(request: Request) -> Json:
    """Read a JSON object with exact numbers."""
    try:
        value = json.loads(await request.body(), parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Refused(400, "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Refused(400, "The body is not an object.")
    return value


def number_of(request: Request, name: str, *, default: int, most: int) -> int:
    """Read a number out of the query, within its bounds."""
    try:
        return min(max(int(request.query_params.get(name, default)), 0), most)
    except ValueError:
        raise Refused(400, f"{name} is not a number.", path=name) from None
