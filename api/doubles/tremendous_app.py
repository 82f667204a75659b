"""The Tremendous double: its API, version 2, as far as Mizan speaks it, with real state.

Like the real one it tells the first order again, with status 201, when its external id is
repeated.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

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
from api.doubles.tremendous_shop import (
    CURRENCY,
    TremendousShop,
    cost_of,
    find_product,
    is_held,
    link_of,
    order_view,
    products_of,
    reward_key,
    reward_view,
    sku_of,
)

API_KEY = "mizan-demo-secret"
CATALOGUE_FILE = Path(__file__).with_name("tremendous_catalogue.json")
PAGE_SIZE_MAX = 100
REWARDS_MAX = 100
INVALID = "Order failed: validation failure"


def create_app(folder: Path, clock: Clock, catalogue: bytes | None = None) -> Starlette:
    """Build the double over a folder that holds its state; without a catalogue it has its own."""
    book, shop = OrderBook(folder), TremendousShop()
    page = json.loads(catalogue or CATALOGUE_FILE.read_bytes(), parse_float=Decimal)
    routes = [
        Route("/forex", list_rates),
        Route("/products", list_products),
        Route("/funding_sources", list_funding_sources),
        Route("/orders", place_order, methods=["POST"]),
        Route("/orders", list_orders, methods=["GET"]),
        Route("/orders/{reference}", show_order),
        Route("/rewards/{key}", show_reward),
        Route("/rewards/{key}/generate_link", generate_link, methods=["POST"]),
        Route("/rewards/{key}/cancel", cancel_reward, methods=["POST"]),
        *CONTROL_ROUTES,
    ]
    app = Starlette(routes=routes, exception_handlers={Refused: _answer_refused})
    app.state.world = World(shop, book, clock, OrderEvents(book, shop.sign), page)
    return app


def _authorise(request: Request) -> World:
    given = request.headers.get("authorization", "")
    if not secrets.compare_digest(given.encode(), f"Bearer {API_KEY}".encode()):
        raise Refused(401, "Unauthorized")
    return world_of(request)


def _failure(status: int, message: str, path: str | None = None) -> Response:
    payload: Any = {}
    if path is not None:
        payload = message
        for name in reversed(path.split(".")):
            payload = {name: payload}
    return answer({"errors": {"message": message, "payload": payload}}, status)


def _answer_refused(request: Request, refused: Exception) -> Response:
    if not isinstance(refused, Refused):
        raise refused
    return _failure(refused.status, refused.message, refused.path)


async def _played(request: Request, place: str, act: Callable[[Fault], Response]) -> Response:
    return await play(request, world_of(request).book, place, act, refuse=refuse_busy)


async def list_rates(request: Request) -> Response:
    """Tell what one dollar is in other currencies."""
    world = _authorise(request)
    return answer({"forex": world.catalogue["forex"]})


async def list_products(request: Request) -> Response:
    """List the products, all or those of one country."""
    world = _authorise(request)
    world.book.count("products")
    country = request.query_params.get("country")

    def act(fault: Fault) -> Response:
        return answer({"products": list(products_of(world, country))})

    return await _played(request, "feed", act)


async def list_funding_sources(request: Request) -> Response:
    """Show what is left of the prepaid money."""
    world = _authorise(request)
    cents = int(world.book.balance(CURRENCY) * 100)
    source = {"id": "BALANCE", "method": "balance", "meta": {"available_cents": cents}}
    return answer({"funding_sources": [source]})


async def place_order(request: Request) -> Response:
    """Take an order; a repeated external id is the first order, told again."""
    world = _authorise(request)
    body = await read_body(request)
    world.book.count("order")
    return await _played(request, "order", lambda fault: _taken(world, body, fault))


def _taken(world: World, body: Json, fault: Fault) -> Response:
    key = body.get("external_id")
    if key is not None and not isinstance(key, str):
        raise Refused(422, INVALID, path="external_id")
    known = [] if key is None else world.book.orders(key)
    if known and fault.kind != "duplicate":
        return answer({"order": order_view(world, known[0], has_links=True)}, 201)
    draft = _checked_order(world, body, fault)
    bent = bend(draft, fault, pending="PENDING APPROVAL", done=draft.status)
    order = world.book.add_order(replace(bent, is_twin=bool(known)))
    if fault.kind == "duplicate":
        world.book.add_order(replace(draft, is_twin=True))
    world.tell_order(order)
    return answer({"order": order_view(world, order, has_links=True)})


def _checked_order(world: World, body: Json, fault: Fault) -> Order:
    payment, rewards = body.get("payment"), body.get("rewards")
    if not isinstance(payment, dict) or payment.get("funding_source_id") != "BALANCE":
        raise Refused(422, INVALID, path="payment.funding_source_id")
    if not isinstance(rewards, list) or not 0 < len(rewards) <= REWARDS_MAX:
        raise Refused(422, INVALID, path="rewards")
    if any(one != rewards[0] for one in rewards) or not isinstance(rewards[0], dict):
        raise Refused(422, "This double takes rewards that are all alike.", path="rewards")
    product, face, currency = _checked_reward(world, rewards[0], fault)
    cost = cost_of(world, face, currency) * len(rewards)
    if world.book.balance(CURRENCY) < cost:
        raise Refused(402, "There are not enough funds in your account.", path="payment")
    return Order(
        key=body.get("external_id"),
        sku=sku_of(product, currency),
        face=face,
        face_currency=currency,
        cost=cost,
        currency=CURRENCY,
        status="EXECUTED",
        created_at=world.clock.now(),
        quantity=len(rewards),
    )


def _checked_reward(world: World, reward: Json, fault: Fault) -> tuple[Json, Decimal, str]:
    value, keys = reward.get("value"), reward.get("products")
    if reward.get("delivery") != {"method": "LINK"}:
        raise Refused(422, INVALID, path="rewards.delivery")
    if not isinstance(value, dict) or not isinstance(keys, list) or len(keys) != 1:
        raise Refused(422, INVALID, path="rewards.value")
    currency, given = value.get("currency_code"), value.get("denomination")
    if fault.kind == "withdrawn_item":
        world.change_item(f"{keys[0]}-{currency}", "withdraw")
    product = find_product(world, keys[0])
    if product is None or currency not in product["currency_codes"]:
        raise Refused(422, "At least one valid product required", path="rewards.products")
    if fault.kind == "out_of_stock":
        raise Refused(422, "The product is not available now", path="rewards.products")
    return product, _checked_face(product, currency, given), str(currency)


def _checked_face(product: Json, currency: Any, given: Any) -> Decimal:
    if isinstance(given, int | Decimal) and not isinstance(given, bool):
        for one in product["skus"]:
            if one["currency_code"] == currency and one["min"] <= given <= one["max"]:
                return Decimal(given)
    raise Refused(422, "The value is not one of the product's", path="rewards.value.denomination")


async def list_orders(request: Request) -> Response:
    """List the orders, all or those of an external id, newest first."""
    world = _authorise(request)
    world.book.count("list")

    def act(fault: Fault) -> Response:
        found = world.book.look_up(request.query_params.get("external_id"))[::-1]
        most = world.book.setting("page_size") or PAGE_SIZE_MAX
        limit = max(number_of(request, "limit", default=10, most=most), 1)
        offset = number_of(request, "offset", default=0, most=10**6)
        shown = found[offset : offset + limit]
        values = [order_view(world, order, has_links=False) for order in shown]
        for order in shown:
            world.note_read(order)
        return answer({"orders": values, "total_count": len(found)})

    return await _played(request, "lookup", act)


async def show_order(request: Request) -> Response:
    """Show an order, without the links of its rewards."""
    world = _authorise(request)
    order = _found(world, request.path_params["reference"])
    value = order_view(world, order, has_links=False)
    world.note_read(order)
    return answer({"order": value})


def _found(world: World, reference: str) -> Order:
    order = world.book.order(world.shop.number(reference))
    if order is None:
        raise Refused(404, "The order could not be found.")
    return order


def _found_reward(request: Request) -> tuple[World, Order, int]:
    world, key = _authorise(request), request.path_params["key"]
    digits = key.removeprefix("RW")
    if len(digits) == 13 and digits.isascii() and digits.isdigit():
        order, index = world.book.order(int(digits[:10])), int(digits[10:])
        if order is not None and index < order.quantity:
            return world, order, index
    raise Refused(404, "The reward could not be found.")


async def show_reward(request: Request) -> Response:
    """Show a reward with its link."""
    world, order, index = _found_reward(request)
    world.book.count("reward")

    def act(fault: Fault) -> Response:
        shown = replace(order, number=order.number + 1) if fault.kind == "wrong_order" else order
        return answer({"reward": reward_view(world, shown, index, has_link=True)})

    return await _played(request, "cards", act)


async def generate_link(request: Request) -> Response:
    """Give the link of a reward; one that is held back has none, this time."""
    world, order, index = _found_reward(request)
    world.book.count("link")
    if order.status == "EXECUTED" and not is_held(order, index):
        return answer({"reward": {"id": reward_key(order, index), "link": link_of(order, index)}})
    world.book.note_delivery(order)
    raise Refused(422, "The reward has no link.")


async def cancel_reward(request: Request) -> Response:
    """Cancel a reward that was not redeemed; the last one of an order gives its money back."""
    world, order, index = _found_reward(request)

    def act(fault: Fault) -> Response:
        if order.is_used or index in order.cancelled:
            raise Refused(422, "The reward cannot be canceled.")
        cancelled = world.book.change_order(order, cancelled=[*order.cancelled, index])
        if len(cancelled.cancelled) == order.quantity:
            world.tell_order(world.book.give_back(cancelled, "CANCELED"))
        return answer({})

    return await _played(request, "cancel", act)
