"""Control endpoints of doubles that take orders: faults, changes, and a look at what is so.

They speak of items and orders in one language, whatever the supplier's own is, so that what an
adapter understood can be compared with what is so.
"""

import base64
import json
from decimal import Decimal, InvalidOperation

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.doubles.control_language import answer, minor_of, read_fields
from api.doubles.fault_control import fault_routes
from api.doubles.order_book import Order
from api.doubles.order_events import SETTING
from api.doubles.order_world import Json, World, world_of
from api.doubles.outages import CHANGES

CONTROLS = (
    *("balance", "catalogue", "codes", "countries", "credentials", "message", "orders", "pages"),
    "trap",
)
"""What can be looked at and changed, so that an adapter can be tried; redirects lead to `trap`."""
COPIES_MAX = 10


def _refused(message: str, status: int = 400) -> Response:
    return answer({"message": message}, status)


async def describe(request: Request) -> Response:
    """Tell what is played here: the supplier, what it can do, and what can go wrong."""
    shop = world_of(request).shop
    faults = {place: sorted(kinds) for place, kinds in shop.faults.items()}
    tokens = ["tokens"] if shop.has_tokens else []
    return answer(
        {
            "supplier": shop.name,
            "capabilities": sorted(shop.capabilities),
            "countries": list(shop.countries),
            "statuses": sorted(shop.statuses),
            "faults": faults,
            "changes": sorted(CHANGES),
            "controls": sorted([*CONTROLS, *tokens]),
        }
    )


async def drop_tokens(request: Request) -> Response:
    """Make every token given out so far invalid."""
    world_of(request).book.set_setting("tokens", {})
    return answer({"tokens": 0})


async def list_catalogue(request: Request) -> Response:
    """List what is on sale, as it is."""
    world = world_of(request)
    return answer(world.shop.listed(world))


async def change_catalogue(request: Request) -> Response:
    """Change an item: {"sku", "change"}; without a change it is as at first."""
    body = await read_fields(request)
    sku, change = body.get("sku"), body.get("change")
    if not isinstance(sku, str) or (change is not None and change not in CHANGES):
        return _refused(f"Changes: {', '.join(sorted(CHANGES))}")
    world_of(request).change_item(sku, change)
    return answer({"sku": sku, "change": change})


async def restore_catalogue(request: Request) -> Response:
    """Sell everything again as at first."""
    world_of(request).book.set_setting("changes", {})
    return answer({"changes": 0})


async def limit_pages(request: Request) -> Response:
    """Make every page short: {"size"}; without one pages are as usual."""
    size = (await read_fields(request)).get("size")
    world_of(request).book.set_setting("page_size", size if type(size) is int else None)
    return answer({"size": size})


async def dump_orders(request: Request) -> Response:
    """Show every order, oldest first, without its cards."""
    world = world_of(request)
    return answer([_shown(world, order) for order in world.book.orders()])


async def dump_codes(request: Request) -> Response:
    """Show the cards of an order, all that will be delivered in the end."""
    world = world_of(request)
    order = _found(world, request.path_params["reference"])
    if order is None:
        return _refused("No such order", 404)
    codes = world.shop.codes(world, order)
    return answer([{"number": number, "pin": pin} for number, pin in codes])


async def change_order(request: Request) -> Response:
    """Move an order to another status, or use its card: {"status"} or {"isUsed": true}."""
    world, body = world_of(request), await read_fields(request)
    order = _found(world, request.path_params["reference"])
    status = body.get("status", None if order is None else order.status)
    if order is None or status not in world.shop.statuses:
        return _refused("No such order or status", 404)
    is_used = bool(body.get("isUsed", order.is_used))
    order = world.book.change_order(order, status=status, goal=None, is_used=is_used)
    world.tell_order(order)
    return answer(_shown(world, order))


async def set_balance(request: Request) -> Response:
    """Set the prepaid money: {"currency", "amount"}."""
    body = await read_fields(request)
    try:
        amount = Decimal(str(body.get("amount")))
    except InvalidOperation:
        return _refused("The amount is not a number")
    world_of(request).book.set_balance(str(body.get("currency")), amount)
    return answer({"balance": amount})


async def set_webhooks(request: Request) -> Response:
    """Say where messages go and how they are signed: {"url", "secret", "copies": 1}."""
    body, world = await read_fields(request), world_of(request)
    copies, secret = body.get("copies", 1), body.get("secret", world.shop.webhook_secret)
    if type(copies) is not int or not 0 <= copies <= COPIES_MAX:
        return _refused(f"Copies are 0 to {COPIES_MAX}")
    setting: Json = {"url": body.get("url"), "secret": secret, "copies": copies}
    world.book.set_setting(SETTING, setting)
    return answer({"url": setting["url"]})


async def resend_events(request: Request) -> Response:
    """Send every message once more."""
    world = world_of(request)
    bodies = world.book.events()
    for body in bodies:
        world.events.send(body)
    return answer({"events": len(bodies)})


async def write_message(request: Request) -> Response:
    """Write the message that reports an order: {"order", "event_id", "is_forged": false}."""
    world, asked = world_of(request), await read_fields(request)
    order = _found(world, str(asked.get("order")))
    if order is None:
        return _refused("No such order", 404)
    told = world.shop.order_message(world, order, str(asked.get("event_id", order.number)))
    if told is None:
        return _refused("Nothing is reported here", 404)
    body = json.dumps(told)
    secret = world.book.setting(SETTING, {}).get("secret", world.shop.webhook_secret)
    if asked.get("is_forged") is True:
        secret = base64.b64encode(b"a secret of somebody else's").decode()
    headers = {name.lower(): one for name, one in world.shop.sign(body.encode(), secret).items()}
    return answer({"headers": headers, "body": body})


def _found(world: World, reference: str) -> Order | None:
    """Find an order by its reference, or by its bare number."""
    is_bare = reference.isascii() and reference.isdigit() and len(reference) < 18
    return world.book.order(int(reference) if is_bare else world.shop.number(reference))


def _shown(world: World, order: Order) -> Json:
    return {
        "number": order.number,
        "reference": world.shop.reference(order),
        "key": order.key,
        "sku": order.sku,
        "quantity": order.quantity,
        "face": f"{order.face} {order.face_currency}",
        "faceMinor": minor_of(order.face, order.face_currency),
        "faceCurrency": order.face_currency,
        "cost": f"{order.cost} {order.currency}",
        "costMinor": minor_of(order.cost, order.currency),
        "currency": order.currency,
        "status": order.status,
        "createdAt": order.created_at.isoformat(),
    }


CONTROL_ROUTES = (
    *fault_routes(
        lambda request: world_of(request).book, lambda request: world_of(request).shop.faults
    ),
    Route("/_control/description", describe),
    Route("/_control/expire_tokens", drop_tokens, methods=["POST"]),
    Route("/_control/catalogue", list_catalogue, methods=["GET"]),
    Route("/_control/catalogue", change_catalogue, methods=["POST"]),
    Route("/_control/catalogue", restore_catalogue, methods=["DELETE"]),
    Route("/_control/pages", limit_pages, methods=["POST"]),
    Route("/_control/orders", dump_orders, methods=["GET"]),
    Route("/_control/orders/{reference}", change_order, methods=["POST"]),
    Route("/_control/orders/{reference}/codes", dump_codes, methods=["GET"]),
    Route("/_control/balance", set_balance, methods=["POST"]),
    Route("/_control/webhooks", set_webhooks, methods=["POST"]),
    Route("/_control/webhooks/resend", resend_events, methods=["POST"]),
    Route("/_control/message", write_message, methods=["POST"]),
)
