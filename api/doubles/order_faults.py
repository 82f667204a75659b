"""Plays the faults of a supplier's double that are the same whoever the supplier is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from starlette.requests import Request
from starlette.responses import Response

from api.doubles.double_memory import Fault
from api.doubles.order_book import Order, OrderBook
from api.doubles.outages import cut_off, die, hang, lead_elsewhere

CENT = Decimal("0.01")
DEARER = Decimal("1.1")
OTHER_KEY = "an-order-of-somebody-else"

Refuse = Callable[[str], Exception]
"""Says a fault in the supplier's own words."""


async def play(
    request: Request,
    book: OrderBook,
    place: str,
    act: Callable[[Fault], Response],
    *,
    refuse: Refuse,
    die: Callable[[], None] = die,
) -> Response:
    """Answer a request with `act`, playing the fault that waits for its place, if any."""
    fault = book.take_fault(place)
    if fault.kind in ("error_500_before", "error_429"):
        raise refuse(fault.kind)
    if fault.kind == "timeout_before":
        return await hang(request, fault.seconds)
    if fault.kind == "redirect":
        return lead_elsewhere(request)
    if fault.kind == "kill_before":
        die()
    answer = act(fault)
    if fault.kind == "kill_after":
        die()
    if fault.kind in ("error_500_after", "late_success"):
        raise refuse("error_500_after")
    if fault.kind == "timeout_after":
        return await hang(request, fault.seconds)
    return cut_off(answer) if fault.kind == "malformed_json" else answer


_BENDS: Mapping[str, Callable[[Order, Fault], Order]] = {
    "late_success": lambda order, fault: replace(order, hidden_left=fault.reads),
    "partial_batch": lambda order, fault: replace(order, short_left=fault.reads),
    "empty_codes": lambda order, fault: replace(order, empty_left=fault.reads),
}
_ERRORS: Mapping[str, Callable[[Order], Order]] = {
    "price_change": lambda order: replace(
        order, cost=(order.cost * DEARER).quantize(CENT, ROUND_HALF_UP)
    ),
    "wrong_currency": lambda order: replace(order, face_currency=_other(order.face_currency)),
    "wrong_face": lambda order: replace(order, face=order.face + 1),
    "wrong_key": lambda order: replace(order, key=OTHER_KEY),
}
_LIES: Mapping[str, Callable[[Order], Order]] = {
    "price_change": lambda order: replace(order, cost=order.cost + order.quantity),
    "wrong_currency": lambda order: replace(order, lies={"currency": _other(order.currency)}),
    "wrong_face": lambda order: replace(order, lies={"face": str(order.face + 1)}),
    "wrong_key": lambda order: replace(order, lies={"key": OTHER_KEY}),
}


def _other(currency: str) -> str:
    return "EUR" if currency != "EUR" else "USD"


def bend(order: Order, fault: Fault, *, pending: str, done: str, lies: bool = False) -> Order:
    """Change an order as a fault has it before it is taken.

    A supplier that `lies` takes what was asked and tells something else; any other errs, and takes
    something else.
    """
    if fault.kind == "pending_then_success":
        return replace(order, status=pending, goal=done, reads_left=fault.reads)
    if fault.kind in _BENDS:
        return _BENDS[fault.kind](order, fault)
    change = (_LIES if lies else _ERRORS).get(fault.kind)
    return order if change is None else change(order)
