"""What every endpoint of a double with an order book reads and answers with."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.clock import Clock
from api.doubles.order_book import Order, OrderBook
from api.doubles.order_events import OrderEvents

Json = dict[str, Any]


class Refused(Exception):
    """An answer in the shape of the supplier's errors."""

    def __init__(self, status: int, message: str, *, path: str | None = None) -> None:
        self.status, self.message, self.path = status, message, path
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class World:
    """What the endpoints of a double work on, and how it tells what happens."""

    name: str
    book: OrderBook
    clock: Clock
    events: OrderEvents
    catalogue: Json
    capabilities: frozenset[str]
    statuses: frozenset[str]
    """What an order may be moved to by control."""
    tell_order: Callable[["World", Order], None]
    tell_item: Callable[["World", str], None]

    @property
    def withdrawn(self) -> Mapping[str, bool]:
        """The items that were taken off sale by control."""
        found: Mapping[str, bool] = self.book.setting("withdrawn", {})
        return found

    def withdraw(self, sku: str, *, is_withdrawn: bool) -> None:
        """Take an item off sale, or put it back, and tell so."""
        self.book.set_setting("withdrawn", {**self.withdrawn, sku: is_withdrawn})
        self.tell_item(self, sku)


def world_of(request: Request) -> World:
    """Find the state behind a request."""
    world: World = request.app.state.world
    return world


def answer(value: Any, status: int = 200) -> Response:
    """Answer JSON; decimals are written as numbers, digit by digit."""
    body = orjson.dumps(value, default=lambda number: orjson.Fragment(str(number)))
    return Response(body, status, media_type="application/json")


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
