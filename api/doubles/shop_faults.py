"""Faults that every double of a supplier plays on demand, whatever its API looks like."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from api.doubles.shop_store import Fault, Order, ShopStore

ANYWHERE = frozenset(
    {
        "timeout_before",
        "timeout_after",
        "error_500_before",
        "error_500_after",
        "error_429",
        "malformed_json",
        "redirect",
        "kill_before",
        "kill_after",
    }
)
FAULTS = {
    "order": ANYWHERE
    | {
        "out_of_stock",
        "withdrawn_item",
        "pending_then_success",
        "late_success",
        "duplicate",
        "partial_batch",
        "empty_codes",
        "price_change",
        "wrong_currency",
        "wrong_face",
        "wrong_key",
    },
    "lookup": ANYWHERE,
    "cards": ANYWHERE | {"wrong_order"},
    "feed": ANYWHERE,
}
"""What can be queued, by the place where it is played."""
REFUSED_BEFORE = ("error_500_before", "error_429", "out_of_stock", "withdrawn_item")
"""Kinds in which nothing happens; the double says them in its own envelope."""

Refuse = Callable[[str], Exception]


def die() -> None:
    """End this process in the middle of a request, with nothing tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


async def hang(request: Request, seconds: float) -> Response:
    """Say nothing until the caller gives up."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        if await request.is_disconnected():
            break
        await asyncio.sleep(0.02)
    return Response(status_code=504)


async def play(
    request: Request,
    store: ShopStore,
    place: str,
    act: Callable[[Fault], Awaitable[Response]],
    *,
    refuse: Refuse,
    die: Callable[[], None] = die,
) -> Response:
    """Answer a request with `act`, playing the fault that waits for its place, if any."""
    fault = store.take_fault(place) or Fault("none")
    if fault.kind in REFUSED_BEFORE:
        raise refuse(fault.kind)
    if fault.kind == "timeout_before":
        return await hang(request, fault.seconds)
    if fault.kind == "redirect":
        trap = f"{request.scope.get('root_path', '')}/_control/trap"
        return Response(status_code=307, headers={"Location": trap})
    if fault.kind == "kill_before":
        die()
    response = await act(fault)
    if fault.kind == "kill_after":
        die()
    if fault.kind in ("error_500_after", "late_success"):
        raise refuse("error_500_after")
    return await _spoilt(request, response, fault)


async def _spoilt(request: Request, response: Response, fault: Fault) -> Response:
    if fault.kind == "timeout_after":
        return await hang(request, fault.seconds)
    if fault.kind == "malformed_json":
        body = bytes(response.body)
        return Response(body[: len(body) * 2 // 3], 200, media_type="application/json")
    return response


_BENDS: Mapping[str, Callable[[Order, Fault, ShopStore], Order]] = {
    "pending_then_success": lambda order, fault, store: replace(
        order, status=store.pending, reads_left=fault.reads
    ),
    "late_success": lambda order, fault, _: replace(order, hidden_reads=fault.reads),
    "partial_batch": lambda order, fault, _: replace(order, card_reads=fault.reads, cards_held=1),
    "empty_codes": lambda order, fault, _: replace(
        order, card_reads=fault.reads, cards_held=order.quantity
    ),
    "price_change": lambda order, _, __: replace(order, amount=order.amount + order.quantity),
    "wrong_currency": lambda order, _, __: replace(
        order, lies={"currency": "EUR" if order.currency != "EUR" else "USD"}
    ),
    "wrong_face": lambda order, _, __: replace(order, lies={"face": str(order.face + 1)}),
    "wrong_key": lambda order, _, __: replace(order, lies={"key": "an-order-of-somebody-else"}),
}


def bent(order: Order, fault: Fault, store: ShopStore) -> Order:
    """Bend an order as the fault wants it, before it is taken."""
    bend = _BENDS.get(fault.kind)
    return order if bend is None else bend(order, fault, store)
