"""Control endpoints of the Reloadly double: order faults, and look at its state."""

from decimal import Decimal, InvalidOperation

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.doubles.reloadly_call import Refused, answer, read_body, world_of
from api.doubles.reloadly_store import Fault, Order

FAULT_KINDS = frozenset(
    {
        "timeout_before",
        "timeout_after",
        "error_500_before",
        "error_500_after",
        "error_429",
        "kill_before",
        "kill_after",
        "out_of_stock",
        "pending_then_success",
    }
)
STATUSES = frozenset({"SUCCESSFUL", "PENDING", "PROCESSING", "FAILED", "REFUNDED"})


async def queue_fault(request: Request) -> Response:
    """Queue a fault: {"kind", "count": 1, "seconds": 60, "reads": 1}."""
    body = await read_body(request)
    count, reads = body.get("count", 1), body.get("reads", 1)
    if body.get("kind") not in FAULT_KINDS or type(count) is not int or type(reads) is not int:
        raise Refused(400, "FAULT_UNKNOWN", f"Faults: {', '.join(sorted(FAULT_KINDS))}")
    fault = Fault(body["kind"], max(count, 1), float(body.get("seconds", 60)), max(reads, 1))
    world_of(request).store.add_fault(fault)
    return answer({"faults": len(world_of(request).store.faults())}, 201)


async def list_faults(request: Request) -> Response:
    """List the faults that wait."""
    faults = world_of(request).store.faults()
    return answer([{"kind": one.kind, "count": one.remaining} for one in faults])


async def drop_faults(request: Request) -> Response:
    """Forget the faults that wait."""
    world_of(request).store.drop_faults()
    return answer({"faults": 0})


async def drop_tokens(request: Request) -> Response:
    """Make every token given out so far invalid."""
    world_of(request).store.drop_tokens()
    return answer({"tokens": 0})


async def dump_orders(request: Request) -> Response:
    """Show every order, oldest first, without its cards."""
    return answer([_shown(order) for order in reversed(world_of(request).store.orders())])


async def dump_counts(request: Request) -> Response:
    """Show how often each endpoint was asked."""
    return answer(world_of(request).store.counts())


async def set_status(request: Request) -> Response:
    """Move an order to another status: {"status"}."""
    store = world_of(request).store
    status = (await read_body(request)).get("status")
    number = request.path_params["number"]
    if status not in STATUSES or store.order(number) is None:
        raise Refused(404, "ORDER_UNKNOWN", "No such order or status")
    store.set_status(number, status)
    return answer({"id": number, "status": status})


async def set_balance(request: Request) -> Response:
    """Set the prepaid money: {"currency", "amount"}."""
    body = await read_body(request)
    try:
        amount = Decimal(str(body.get("amount")))
    except InvalidOperation:
        raise Refused(400, "AMOUNT_INVALID", "The amount is not a number") from None
    world_of(request).store.set_balance(str(body.get("currency")), amount)
    return answer({"balance": amount})


def _shown(order: Order) -> dict[str, object]:
    return {
        "id": order.id,
        "key": order.key,
        "productId": order.product_id,
        "quantity": order.quantity,
        "unitPrice": str(order.unit_price),
        "cost": str(order.amount - order.discount),
        "currency": order.currency,
        "status": order.status,
        "createdAt": order.created_at.isoformat(),
    }


CONTROL_ROUTES = (
    Route("/_control/faults", queue_fault, methods=["POST"]),
    Route("/_control/faults", list_faults, methods=["GET"]),
    Route("/_control/faults", drop_faults, methods=["DELETE"]),
    Route("/_control/expire_tokens", drop_tokens, methods=["POST"]),
    Route("/_control/orders", dump_orders, methods=["GET"]),
    Route("/_control/orders/{number:int}", set_status, methods=["POST"]),
    Route("/_control/balance", set_balance, methods=["POST"]),
    Route("/_control/counts", dump_counts, methods=["GET"]),
)
