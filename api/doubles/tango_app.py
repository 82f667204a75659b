"""The Tango double: its RaaS API, version 2, as far as Mizan speaks it, with real state.

Like the real one it tells the first order again when its external reference is repeated, also
when the item is another.
"""

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.clock import Clock
from api.doubles.control_language import answer
from api.doubles.double_memory import Fault
from api.doubles.order_book import Order, OrderBook
from api.doubles.order_control import CONTROL_ROUTES
from api.doubles.order_events import OrderEvents
from api.doubles.order_faults import bend, play
from api.doubles.order_world import (
    Json,
    Refused,
    World,
    number_of,
    read_body,
    refuse_busy,
    world_of,
)
from api.doubles.tango_shop import (
    ACCOUNT,
    CURRENCY,
    TangoShop,
    brands_of,
    cost_of,
    find_item,
    line_key,
    order_view,
    summary_view,
)

CLIENT_ID = "mizan-demo"
CLIENT_SECRET = "mizan-demo-secret"  # noqa: S105 - the double's own, worth nothing elsewhere
CATALOGUE_FILE = Path(__file__).with_name("tango_catalogue.json")
KEY_LENGTH_MAX = 100
PAGE_SIZE_MAX = 100
CANCEL_DAYS = 5


def create_app(folder: Path, clock: Clock, catalogue: bytes | None = None) -> Starlette:
    """Build the double over a folder that holds its state; without a catalogue it has its own."""
    book, shop = OrderBook(folder), TangoShop()
    page = json.loads(catalogue or CATALOGUE_FILE.read_bytes(), parse_float=Decimal)
    routes = [
        Route("/accounts/{account}", show_account),
        Route("/exchangerates", list_rates),
        Route("/catalogs", list_brands),
        Route("/orders", place_order, methods=["POST"]),
        Route("/orders", list_orders, methods=["GET"]),
        Route("/orders/{reference}", show_order),
        Route("/lineItems", list_lines),
        Route("/lineItems/{key}/cancel", cancel_line, methods=["POST"]),
        *CONTROL_ROUTES,
    ]
    app = Starlette(routes=routes, exception_handlers={Refused: _answer_refused})
    app.state.world = World(shop, book, clock, OrderEvents(book, shop.sign), page)
    return app


def _authorise(request: Request) -> World:
    pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    given = request.headers.get("authorization", "")
    if not secrets.compare_digest(given.encode(), f"Basic {pair}".encode()):
        raise Refused(401, "Full authentication is required to access this resource")
    return world_of(request)


def _failure(request: Request, status: int, message: str, path: str | None = None) -> Response:
    problem: Json = {
        "timestamp": world_of(request).clock.now().isoformat(),
        "requestId": str(uuid4()),
        "path": request.url.path,
        "httpCode": status,
        "httpPhrase": HTTPStatus(status).phrase,
        "errors": [{"path": path, "i18nKey": f"{status}.000", "message": message}],
    }
    return answer(problem, status)


def _answer_refused(request: Request, refused: Exception) -> Response:
    if not isinstance(refused, Refused):
        raise refused
    return _failure(request, refused.status, refused.message, refused.path)


async def _played(request: Request, place: str, act: Callable[[Fault], Response]) -> Response:
    return await play(request, world_of(request).book, place, act, refuse=refuse_busy)


async def show_account(request: Request) -> Response:
    """Show what is left of the prepaid money of the account."""
    world = _authorise(request)
    if request.path_params["account"] != ACCOUNT:
        raise Refused(404, "The account was not found.", path="accountIdentifier")
    balance = world.book.balance(CURRENCY)
    about = {"accountIdentifier": ACCOUNT, "displayName": "Mizan", "status": "ACTIVE"}
    return answer({**about, "currencyCode": CURRENCY, "currentBalance": balance})


async def list_rates(request: Request) -> Response:
    """List what one unit of each currency costs in the account's."""
    world = _authorise(request)
    return answer({"disclaimer": "", "exchangeRates": world.catalogue["exchangeRates"]})


async def list_brands(request: Request) -> Response:
    """List the brands with their items, all or those of one country."""
    world = _authorise(request)
    world.book.count("catalog")
    name, country = world.catalogue["catalogName"], request.query_params.get("country")

    def act(fault: Fault) -> Response:
        return answer({"catalogName": name, "brands": list(brands_of(world, country))})

    return await _played(request, "feed", act)


async def place_order(request: Request) -> Response:
    """Take an order; a repeated reference is the first order, told again."""
    world = _authorise(request)
    body = await read_body(request)
    world.book.count("order")
    return await _played(request, "order", lambda fault: _taken(world, body, fault))


def _taken(world: World, body: Json, fault: Fault) -> Response:
    key = body.get("externalRefID")
    if key is not None and not (isinstance(key, str) and 0 < len(key) <= KEY_LENGTH_MAX):
        raise Refused(422, "At most 100 characters are taken.", path="externalRefID")
    known = [] if key is None else world.book.orders(key)
    if known and fault.kind != "duplicate":
        return answer(order_view(world, known[0]))
    draft = _checked_order(world, body, fault)
    bent = bend(draft, fault, pending="PENDING", done=draft.status)
    order = world.book.add_order(replace(bent, is_twin=bool(known)))
    if fault.kind == "duplicate":
        world.book.add_order(replace(draft, is_twin=True))
    world.tell_order(order)
    return answer(order_view(world, order), 201)


def _checked_order(world: World, body: Json, fault: Fault) -> Order:
    owner = body.get("accountIdentifier"), body.get("customerIdentifier")
    if owner != (ACCOUNT, CLIENT_ID):
        raise Refused(422, "The account is not one of the customer.", path="accountIdentifier")
    if fault.kind == "withdrawn_item" and isinstance(body.get("utid"), str):
        world.change_item(body["utid"], "withdraw")
    item = find_item(world, body.get("utid"))
    if item is None or item["status"] != "active":
        raise Refused(422, "The item is not available.", path="utid")
    if fault.kind == "out_of_stock":
        raise Refused(422, "The item is temporarily out of stock.", path="utid")
    face = _checked_face(item, body.get("amount"))
    cost = cost_of(world, item, face)
    if world.book.balance(CURRENCY) < cost:
        raise Refused(402, "The account has not enough funds.", path="amount")
    return Order(
        key=body.get("externalRefID"),
        sku=item["utid"],
        face=face,
        face_currency=item["currencyCode"],
        cost=cost,
        currency=CURRENCY,
        status="COMPLETE",
        created_at=world.clock.now(),
        notes=str(body.get("notes") or ""),
    )


def _checked_face(item: Json, given: Any) -> Decimal:
    if type(given) in (int, Decimal):
        face = Decimal(given)
        is_whole = face == face.to_integral_value()
        if item["valueType"] == "FIXED_VALUE":
            is_sold = face == item["faceValue"]
        else:
            is_sold = item["minValue"] <= face <= item["maxValue"]
        if is_sold and (is_whole or not item["isWholeAmountValueRequired"]):
            return face
    raise Refused(422, "The amount is not one of this item's.", path="amount")


async def list_orders(request: Request) -> Response:
    """List the orders, all or those of an external reference, newest first, in pages from 0."""
    world = _authorise(request)
    world.book.count("list")

    def act(fault: Fault) -> Response:
        found = world.book.look_up(request.query_params.get("externalRefID"))[::-1]
        most = world.book.setting("page_size") or PAGE_SIZE_MAX
        size = max(number_of(request, "elementsPerBlock", default=20, most=most), 1)
        number = number_of(request, "page", default=0, most=10**6)
        shown = found[number * size : (number + 1) * size]
        values = [summary_view(world, order) for order in shown]
        for order in shown:
            world.note_read(order)
        facts = {"number": number, "elementsPerBlock": size, "resultCount": len(values)}
        return answer({"page": {**facts, "totalCount": len(found)}, "orders": values})

    return await _played(request, "lookup", act)


async def show_order(request: Request) -> Response:
    """Show an order with its credentials."""
    world = _authorise(request)
    world.book.count("show")

    def act(fault: Fault) -> Response:
        order = _found(world, request.path_params["reference"])
        if fault.kind == "wrong_order":
            return answer(order_view(world, replace(order, number=order.number + 1)))
        value = order_view(world, order)
        if order.status == "COMPLETE":
            world.book.note_delivery(order)
        world.note_read(order)
        return answer(value)

    return await _played(request, "cards", act)


def _found(world: World, reference: str | None) -> Order:
    order = world.book.order(world.shop.number(reference or ""))
    if order is None:
        raise Refused(404, "The order was not found.", path="referenceOrderID")
    return order


async def list_lines(request: Request) -> Response:
    """List the line items of an order; each order has one."""
    world = _authorise(request)
    order = _found(world, request.query_params.get("referenceOrderID"))
    line = {**summary_view(world, order), "referenceLineItemID": line_key(order)}
    page = {"number": 0, "elementsPerBlock": 20, "resultCount": 1, "totalCount": 1}
    return answer({"page": page, "lineItems": [line]})


async def cancel_line(request: Request) -> Response:
    """Cancel a choice product that was not used and give its money back."""
    world = _authorise(request)
    body = await read_body(request)

    def act(fault: Fault) -> Response:
        order = world.book.order(world.shop.number(request.path_params["key"]))
        if order is None:
            raise Refused(404, "The line item was not found.", path="referenceLineItemID")
        if not isinstance(body.get("reasonCode"), str):
            raise Refused(422, "A reason is required.", path="reasonCode")
        item = find_item(world, order.sku)
        if item is None or item["rewardType"] != "reward link" or order.is_used:
            raise Refused(422, "Only a choice product that was not used can be canceled.")
        if (world.clock.now() - order.created_at).days >= CANCEL_DAYS:
            raise Refused(422, f"After {CANCEL_DAYS} days nothing can be canceled.")
        world.tell_order(world.book.give_back(order, "CANCELLED"))
        return answer({"status": "ACCEPTED"}, 202)

    return await _played(request, "cancel", act)
