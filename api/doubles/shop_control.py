"""Control endpoints that the doubles of suppliers have in common.

They speak of items and orders in one language, whatever the supplier's own is, so that what an
adapter understood can be compared with what is so.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.clock import Clock
from api.doubles.control_language import answer, minor_of, read_fields
from api.doubles.fault_control import fault_routes
from api.doubles.outages import CHANGES, FAULTS
from api.doubles.shop_store import Order, ShopStore

Json = dict[str, Any]

COPIES_MAX = 10
CONTROLS = (
    "balance",
    "catalogue",
    "codes",
    "countries",
    "credentials",
    "message",
    "orders",
    "pages",
    "tokens",
    "trap",
)
"""What can be looked at and changed here; a `trap` is where redirects lead."""


class Shop(Protocol):
    """What a double of a supplier tells about itself."""

    @property
    def store(self) -> ShopStore:
        """What it remembers."""
        ...

    @property
    def clock(self) -> Clock:
        """Its time."""
        ...

    @property
    def description(self) -> Mapping[str, Any]:
        """What its API can do: `capabilities`, `countries`, `statuses` of orders."""
        ...

    def listed(self) -> list[Json]:
        """List what is on sale in all countries, amounts in minor units."""
        ...

    def face_currency(self, order: Order) -> str:
        """Tell the currency of an order's faces."""
        ...

    def report(self, number: int) -> None:
        """Send a message about an order, where the supplier does so."""
        ...

    def message(self, order: Order, event_id: str, *, is_forged: bool) -> Json | None:
        """Write the message that reports an order: `headers` and `body`; None when it has none."""
        ...


def shop_of(request: Request) -> Shop:
    """Find the double behind a request."""
    shop: Shop = request.app.state.world
    return shop


def refused(message: str, status: int = 400) -> Response:
    """Refuse a control request."""
    return answer({"message": message}, status)


async def describe(request: Request) -> Response:
    """Tell what the API can do, and what can be played here."""
    faults = {place: sorted(kinds) for place, kinds in FAULTS.items()}
    described = {"faults": faults, "changes": sorted(CHANGES), "controls": CONTROLS}
    return answer({**described, **shop_of(request).description})


async def drop_tokens(request: Request) -> Response:
    """Make every token given out so far invalid."""
    shop_of(request).store.drop_tokens()
    return answer({"tokens": 0})


async def list_catalogue(request: Request) -> Response:
    """List what is on sale, as it is."""
    return answer(shop_of(request).listed())


async def change_catalogue(request: Request) -> Response:
    """Change an item: {"sku", "change"}."""
    body, shop = await read_fields(request), shop_of(request)
    if body.get("change") not in CHANGES or not isinstance(body.get("sku"), str):
        return refused(f"Changes: {', '.join(sorted(CHANGES))}")
    shop.store.change_item(body["sku"], body["change"])
    return answer({"items": len(shop.listed())})


async def restore_catalogue(request: Request) -> Response:
    """Sell everything again as at first."""
    shop_of(request).store.restore_items()
    return answer({"items": len(shop_of(request).listed())})


async def limit_pages(request: Request) -> Response:
    """Make every page of the catalogue short: {"size"}; without one pages are as usual."""
    size = (await read_fields(request)).get("size")
    usual = 10**6
    shop_of(request).store.note("page_size", str(size if type(size) is int and size else usual))
    return answer({"size": size})


async def dump_orders(request: Request) -> Response:
    """Show every order, oldest first, without its cards."""
    shop = shop_of(request)
    return answer([_shown(shop, order) for order in reversed(shop.store.orders())])


async def dump_codes(request: Request) -> Response:
    """Show the cards of an order, all that will be delivered in the end."""
    order = shop_of(request).store.order(request.path_params["number"])
    if order is None:
        return refused("No such order", 404)
    return answer([{"number": number, "pin": pin} for number, pin in order.cards])


async def set_status(request: Request) -> Response:
    """Move an order to another status: {"status"}."""
    shop = shop_of(request)
    number = request.path_params["number"]
    status = str((await read_fields(request)).get("status"))
    if status not in shop.description["statuses"] or shop.store.order(number) is None:
        return refused("No such order or status", 404)
    shop.store.set_status(number, status)
    shop.report(number)
    return answer({"id": number, "status": status})


async def set_balance(request: Request) -> Response:
    """Set the prepaid money: {"currency", "amount"}."""
    body = await read_fields(request)
    try:
        amount = Decimal(str(body.get("amount")))
    except InvalidOperation:
        return refused("The amount is not a number")
    shop_of(request).store.set_balance(str(body.get("currency")), amount)
    return answer({"balance": amount})


async def write_message(request: Request) -> Response:
    """Write the message that reports an order: {"order", "event_id", "is_forged": false}."""
    body, shop = await read_fields(request), shop_of(request)
    reference = str(body.get("order"))
    order = shop.store.order(int(reference)) if reference.isdecimal() else None
    if order is None:
        return refused("No such order", 404)
    event_id = str(body.get("event_id", reference))
    message = shop.message(order, event_id, is_forged=body.get("is_forged") is True)
    return answer(message) if message is not None else refused("Nothing is reported here", 404)


async def set_webhook(request: Request) -> Response:
    """Say where messages go, and how often each is sent: {"url", "copies": 1}."""
    body, store = await read_fields(request), shop_of(request).store
    copies = body.get("copies", 1)
    if type(copies) is not int or not 0 < copies <= COPIES_MAX:
        return refused(f"Copies are 1 to {COPIES_MAX}")
    store.note("webhook_url", str(body.get("url") or ""))
    store.note("webhook_copies", str(copies))
    return answer({"url": store.noted("webhook_url")})


def _shown(shop: Shop, order: Order) -> Json:
    face_currency = shop.face_currency(order)
    return {
        "id": order.id,
        "reference": str(order.id),
        "key": order.key,
        "sku": order.sku,
        "productId": int(order.sku),
        "quantity": order.quantity,
        "unitPrice": str(order.face),
        "faceMinor": minor_of(order.face, face_currency),
        "faceCurrency": face_currency,
        "cost": str(order.cost),
        "costMinor": minor_of(order.cost, order.currency),
        "currency": order.currency,
        "status": order.status,
        "createdAt": order.created_at.isoformat(),
    }


CONTROL_ROUTES = (
    *fault_routes(lambda request: shop_of(request).store, FAULTS),
    Route("/_control/description", describe, methods=["GET"]),
    Route("/_control/expire_tokens", drop_tokens, methods=["POST"]),
    Route("/_control/catalogue", list_catalogue, methods=["GET"]),
    Route("/_control/catalogue", change_catalogue, methods=["POST"]),
    Route("/_control/catalogue", restore_catalogue, methods=["DELETE"]),
    Route("/_control/pages", limit_pages, methods=["POST"]),
    Route("/_control/orders", dump_orders, methods=["GET"]),
    Route("/_control/orders/{number:int}", set_status, methods=["POST"]),
    Route("/_control/orders/{number:int}/codes", dump_codes, methods=["GET"]),
    Route("/_control/balance", set_balance, methods=["POST"]),
    Route("/_control/message", write_message, methods=["POST"]),
    Route("/_control/webhooks", set_webhook, methods=["POST"]),
)
