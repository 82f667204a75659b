"""Faults that every double of a supplier plays on demand, whatever its API looks like."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from api.doubles.double_memory import Fault
from api.doubles.outages import cut_off, die, hang, lead_elsewhere
from api.doubles.shop_store import Order, ShopStore

REFUSED_BEFORE = ("error_500_before", "error_429", "out_of_stock", "withdrawn_item")
"""Kinds in which nothing happens; the double says them in its own envelope."""

Refuse = Callable[[str], Exception]


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
    fault = store.take_fault(place)
    if fault.kind in REFUSED_BEFORE:
        raise refuse(fault.kind)
    if fault.kind == "timeout_before":
        return await hang(request, fault.seconds)
    if fault.kind == "redirect":
        return lead_elsewhere(request)
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
    return cut_off(response) if fault.kind == "malformed_json" else response


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
