"""Plays the faults of a supplier's double that are the same whoever the supplier is."""

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from starlette.requests import Request
from starlette.responses import Response

from api.doubles.double_memory import Fault
from api.doubles.order_book import Order, OrderBook
from api.doubles.outages import ANYWHERE, FAULTS, cut_off, die, hang, lead_elsewhere

PLACES = {**FAULTS, "cancel": ANYWHERE}
"""What can be queued, by the place where it is played: these suppliers cancel orders too."""
CENT = Decimal("0.01")
DEARER = Decimal("1.1")

Failing = Callable[[int], Response]
"""Builds the supplier's own answer to a failure with a status."""


async def play(
    request: Request,
    book: OrderBook,
    place: str,
    act: Callable[[Fault], Response],
    failing: Failing,
) -> Response:
    """Answer a request with `act`, playing the fault that waits for its place, if any."""
    fault = book.take_fault(place)
    if fault.kind == "kill_before":
        die()
    if fault.kind == "timeout_before":
        return await hang(request, fault.seconds)
    if fault.kind in ("error_429", "error_500_before"):
        return failing(429 if fault.kind == "error_429" else 500)
    if fault.kind == "redirect":
        return lead_elsewhere(request)
    return await _spoilt(request, act(fault), fault, failing)


async def _spoilt(request: Request, answer: Response, fault: Fault, failing: Failing) -> Response:
    if fault.kind == "kill_after":
        die()
    if fault.kind in ("timeout_after", "late_success"):
        return await hang(request, fault.seconds)
    if fault.kind == "error_500_after":
        return failing(500)
    return cut_off(answer) if fault.kind == "malformed_json" else answer


def bend(order: Order, fault: Fault, *, pending: str) -> Order:
    """Change an order as a fault has it before it is taken."""
    if fault.kind == "pending_then_success":
        return replace(order, status=pending, goal=order.status, reads_left=fault.reads)
    if fault.kind == "price_change":
        return replace(order, cost=(order.cost * DEARER).quantize(CENT, ROUND_HALF_UP))
    if fault.kind == "wrong_face":
        return replace(order, face=order.face + 1)
    if fault.kind == "wrong_currency":
        return replace(order, face_currency="EUR" if order.face_currency != "EUR" else "USD")
    if fault.kind == "wrong_key":
        return replace(order, key="an-order-of-somebody-else")
    if fault.kind == "late_success":
        return replace(order, hidden_left=fault.reads)
    if fault.kind == "partial_batch":
        return replace(order, short_left=fault.reads)
    return replace(order, empty_left=fault.reads) if fault.kind == "empty_codes" else order
