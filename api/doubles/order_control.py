"""Control endpoints of doubles with an order book: order faults, and look at what happened."""

from decimal import Decimal, InvalidOperation

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.doubles.order_book import Fault, Order
from api.doubles.order_events import SETTING
from api.doubles.order_faults import KINDS
from api.doubles.order_world import Json, Refused, answer, read_body, world_of

COPIES_MAX = 10


async def describe(request: Request) -> Response:
    """Tell what is played here: the supplier, what it can do, and the faults."""
    world = world_of(request)
    return answer(
        {
            "supplier": world.name,
            "capabilities": sorted(world.capabilities),
            "faults": sorted(KINDS),
            "statuses": sorted(world.statuses),
        }
    )


async def queue_fault(request: Request) -> Response:
    """Queue a fault: {"kind", "count": 1, "seconds": 60, "reads": 1}."""
    body = await read_body(request)
    count, reads = body.get("count", 1), body.get("reads", 1)
    if body.get("kind") not in KINDS or type(count) is not int or type(reads) is not int:
        raise Refused(400, f"Faults: {', '.join(sorted(KINDS))}")
    fault = Fault(body["kind"], max(count, 1), float(body.get("seconds", 60)), max(reads, 1))
    world_of(request).book.add_fault(fault)
    return answer({"faults": len(world_of(request).book.faults())}, 201)


async def list_faults(request: Request) -> Response:
    """List the faults that wait."""
    faults = world_of(request).book.faults()
    return answer([{"kind": one.kind, "count": one.remaining} for one in faults])


async def drop_faults(request: Request) -> Response:
    """Forget the faults that wait."""
    world_of(request).book.drop_faults()
    return answer({"faults": 0})


async def dump_orders(request: Request) -> Response:
    """Show every order, oldest first, without its cards."""
    return answer([_shown(order) for order in world_of(request).book.orders()])


async def dump_counts(request: Request) -> Response:
    """Show how often each endpoint was asked."""
    return answer(world_of(request).book.counts())


async def change_order(request: Request) -> Response:
    """Move an order to another status, or use its card: {"status"} or {"isUsed": true}."""
    world, body = world_of(request), await read_body(request)
    order = world.book.order(request.path_params["number"])
    status = body.get("status", order.status if order is not None else None)
    if order is None or status not in world.statuses:
        raise Refused(404, "No such order or status")
    is_used = bool(body.get("isUsed", order.is_used))
    order = world.book.change_order(order, status=status, goal=None, is_used=is_used)
    world.tell_order(world, order)
    return answer(_shown(order))


async def change_item(request: Request) -> Response:
    """Take an item off sale or put it back: {"isWithdrawn"}."""
    sku, body = request.path_params["sku"], await read_body(request)
    world_of(request).withdraw(sku, is_withdrawn=bool(body.get("isWithdrawn", True)))
    return answer({"sku": sku, "isWithdrawn": world_of(request).withdrawn[sku]})


async def set_balance(request: Request) -> Response:
    """Set the prepaid money: {"currency", "amount"}."""
    body = await read_body(request)
    try:
        amount = Decimal(str(body.get("amount")))
    except InvalidOperation:
        raise Refused(400, "The amount is not a number") from None
    world_of(request).book.set_balance(str(body.get("currency")), amount)
    return answer({"balance": amount})


async def set_webhooks(request: Request) -> Response:
    """Say where messages go and how they are signed: {"url", "secret", "copies": 1}."""
    body = await read_body(request)
    copies = body.get("copies", 1)
    if type(copies) is not int or not 0 <= copies <= COPIES_MAX:
        raise Refused(400, f"Copies are 0 to {COPIES_MAX}")
    setting: Json = {"url": body.get("url"), "secret": body.get("secret", ""), "copies": copies}
    world_of(request).book.set_setting(SETTING, setting)
    return answer({"url": setting["url"]})


async def resend_events(request: Request) -> Response:
    """Send every message once more."""
    world = world_of(request)
    bodies = world.book.events()
    for body in bodies:
        world.events.send(body)
    return answer({"events": len(bodies)})


def _shown(order: Order) -> Json:
    return {
        "number": order.number,
        "key": order.key,
        "sku": order.sku,
        "face": f"{order.face} {order.face_currency}",
        "cost": f"{order.cost} {order.currency}",
        "status": order.status,
        "createdAt": order.created_at.isoformat(),
    }


CONTROL_ROUTES = (
    Route("/_control/description", describe),
    Route("/_control/faults", queue_fault, methods=["POST"]),
    Route("/_control/faults", list_faults, methods=["GET"]),
    Route("/_control/faults", drop_faults, methods=["DELETE"]),
    Route("/_control/orders", dump_orders, methods=["GET"]),
    Route("/_control/orders/{number:int}", change_order, methods=["POST"]),
    Route("/_control/items/{sku}", change_item, methods=["POST"]),
    Route("/_control/balance", set_balance, methods=["POST"]),
    Route("/_control/counts", dump_counts, methods=["GET"]),
    Route("/_control/webhooks", set_webhooks, methods=["POST"]),
    Route("/_control/webhooks/resend", resend_events, methods=["POST"]),
)
