"""The Reloadly double: its gift card API as far as Mizan speaks it, with real state.

Like the real one it does not enforce that a custom identifier is unique.
"""

import asyncio
import json
import os
import secrets
import signal
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.clock import Clock
from api.doubles.reloadly_call import (
    STAMP,
    Json,
    Refused,
    World,
    answer,
    answer_refused,
    read_body,
    world_of,
)
from api.doubles.reloadly_control import CONTROL_ROUTES
from api.doubles.reloadly_store import TOKEN_SECONDS, Fault, Order, Store

CLIENT_ID = "mizan-demo"
CLIENT_SECRET = "mizan-demo-secret"  # noqa: S105 - the double's own, worth nothing elsewhere
CATALOGUE_FILE = Path(__file__).with_name("reloadly_catalogue.json")
QUANTITY_MAX = 100
PAGE_SIZE_MAX = 200


def create_app(folder: Path, clock: Clock, catalogue: bytes | None = None) -> Starlette:
    """Build the double over a folder that holds its state; without a catalogue it has its own."""
    page = json.loads(catalogue or CATALOGUE_FILE.read_bytes(), parse_float=Decimal)
    products = page["content"] if isinstance(page, dict) else page
    routes = [
        Route("/oauth/token", give_token, methods=["POST"]),
        Route("/products", list_products),
        Route("/products/{number:int}", show_product),
        Route("/countries/{country}/products", list_products),
        Route("/accounts/balance", show_balance),
        Route("/orders", place_order, methods=["POST"]),
        Route("/orders/transactions/{number:int}/cards", show_cards),
        Route("/reports/transactions", list_transactions),
        Route("/reports/transactions/{number:int}", show_transaction),
        *CONTROL_ROUTES,
    ]
    app = Starlette(routes=routes, exception_handlers={Refused: answer_refused})
    app.state.world = World(Store(folder), clock, tuple(products), folder)
    return app


async def give_token(request: Request) -> Response:
    """Give out an access token for the right credentials."""
    world = world_of(request)
    body = await read_body(request)
    world.store.count("token")
    given = body.get("client_id"), body.get("client_secret"), body.get("grant_type")
    if given != (CLIENT_ID, CLIENT_SECRET, "client_credentials"):
        raise Refused(401, "INVALID_CREDENTIALS", "Access Denied")
    token = secrets.token_urlsafe(32)
    world.store.add_token(token, world.clock.now())
    fields = {"scope": "developer", "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}
    return answer({"access_token": token, **fields})


def _authorise(request: Request) -> World:
    world = world_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not world.store.has_token(token, world.clock.now()):
        raise Refused(
            401, "INVALID_TOKEN", "Full authentication is required to access this resource"
        )
    return world


def _page(request: Request, values: list[Json]) -> Response:
    """Answer one page: asked for from 1, answered from 0."""
    try:
        number = max(int(request.query_params.get("page", "1")), 1) - 1
        size = min(max(int(request.query_params.get("size", "50")), 1), PAGE_SIZE_MAX)
    except ValueError:
        raise Refused(400, "INVALID_REQUEST", "The page is not a number.") from None
    content = values[number * size : (number + 1) * size]
    pages = -(-len(values) // size)
    facts = {
        "totalElements": len(values),
        "totalPages": pages,
        "last": number + 1 >= pages,
        "first": number == 0,
        "numberOfElements": len(content),
        "size": size,
        "number": number,
        "empty": not content,
    }
    return answer({"content": content, **facts})


async def list_products(request: Request) -> Response:
    """List the products, all or of one country."""
    world = _authorise(request)
    world.store.count("products")
    country = request.path_params.get("country")
    if country is None:
        return _page(request, list(world.products))
    found = [one for one in world.products if one["country"]["isoName"] == country]
    if not found and not (len(country) == 2 and country.isalpha() and country.isupper()):
        raise Refused(
            404, "COUNTRY_NOT_SUPPORTED", "Country not found and/or not currently supported"
        )
    return _page(request, found)


async def show_product(request: Request) -> Response:
    """Show one product."""
    product = _authorise(request).product(request.path_params["number"])
    if product is None:
        raise Refused(404, "PRODUCT_NOT_FOUND", "Product not found")
    return answer(product)


async def show_balance(request: Request) -> Response:
    """Show what is left of the prepaid money."""
    world = _authorise(request)
    currency = world.products[0]["senderCurrencyCode"] if world.products else "USD"
    balance = world.store.balance(currency)
    return answer({"balance": balance, "currencyCode": currency})


async def place_order(request: Request) -> Response:
    """Take an order, playing the fault that waits, if any."""
    world = _authorise(request)
    body = await read_body(request)
    world.store.count("order")
    fault = world.store.take_fault() or Fault("none")
    _fail_before(fault.kind)
    if fault.kind == "timeout_before":
        return await _hang(request, fault.seconds)
    is_pending = fault.kind == "pending_then_success"
    order = world.store.add_order(
        _checked_order(world, body, reads_left=fault.reads if is_pending else 0)
    )
    if fault.kind == "kill_after":
        _die()
    if fault.kind == "timeout_after":
        return await _hang(request, fault.seconds)
    if fault.kind == "error_500_after":
        raise Refused(500, None, "Could not retrieve/update resources at the moment")
    return answer(_transaction(world, order))


def _fail_before(kind: str) -> None:
    """Play the faults in which no order is taken."""
    if kind == "error_429":
        raise Refused(429, "TOO_MANY_REQUESTS", "Too many requests, please slow down")
    if kind == "out_of_stock":
        raise Refused(400, "PRODUCT_OUT_OF_STOCK", "The product is out of stock")
    if kind == "error_500_before":
        raise Refused(500, None, "Could not retrieve/update resources at the moment")
    if kind == "kill_before":
        _die()


def _die() -> None:
    """End this process in the middle of a request, with nothing tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


async def _hang(request: Request, seconds: float) -> Response:
    """Say nothing until the caller gives up."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        if await request.is_disconnected():
            break
        await asyncio.sleep(0.02)
    return Response(status_code=504)


def _checked_order(world: World, body: Json, *, reads_left: int) -> Order:
    product = world.product(body.get("productId"))
    if product is None or product.get("status", "ACTIVE") != "ACTIVE":
        raise Refused(400, "INVALID_PRODUCT", "The product is not available")
    quantity, key = body.get("quantity"), body.get("customIdentifier")
    if type(quantity) is not int or not 0 < quantity <= QUANTITY_MAX:
        raise Refused(400, "INVALID_QUANTITY", "Invalid quantity")
    if key is not None and not (isinstance(key, str) and 0 < len(key) <= 150):
        raise Refused(400, "INVALID_IDENTIFIER", "Invalid custom identifier")
    face, cost = _price(product, body.get("unitPrice"))
    price = cost * quantity
    percent = product.get("senderFeePercentage") or 0
    fee = Decimal(product.get("senderFee") or 0) + price * percent / 100
    discount = price * (product.get("discountPercentage") or 0) / 100
    currency = product["senderCurrencyCode"]
    if world.store.balance(currency) < price + fee - discount:
        raise Refused(400, "INSUFFICIENT_BALANCE", "The balance is not enough for this order")
    return Order(
        id=0,
        key=key,
        product_id=product["productId"],
        quantity=quantity,
        unit_price=face,
        amount=price + fee,
        discount=discount,
        fee=fee,
        currency=currency,
        status="PENDING" if reads_left else "SUCCESSFUL",
        reads_left=reads_left,
        created_at=world.clock.now(),
    )


def _price(product: Json, given: object) -> tuple[Decimal, Decimal]:
    if type(given) in (int, Decimal):
        face = Decimal(str(given))
        if product["denominationType"] == "FIXED":
            pairs = zip(
                product["fixedRecipientDenominations"],
                product["fixedSenderDenominations"],
                strict=True,
            )
            for known, cost in pairs:
                if known == face:
                    return face, Decimal(cost)
        else:
            low, high = product["minRecipientDenomination"], product["maxRecipientDenomination"]
            if low <= face <= high:
                cost = face * Decimal(product["maxSenderDenomination"]) / Decimal(high)
                return face, round(cost, 4)
    raise Refused(400, None, "Invalid price, please ensure you selected the right price.")


def _transaction(world: World, order: Order) -> Json:
    product = world.product(order.product_id) or {}
    return {
        "transactionId": order.id,
        "amount": order.amount,
        "discount": order.discount,
        "currencyCode": order.currency,
        "fee": order.fee,
        "smsFee": 0,
        "recipientEmail": None,
        "recipientPhone": None,
        "customIdentifier": order.key,
        "status": order.status,
        "product": {
            "productId": order.product_id,
            "productName": product.get("productName"),
            "countryCode": product.get("country", {}).get("isoName"),
            "quantity": order.quantity,
            "unitPrice": order.unit_price,
            "totalPrice": order.unit_price * order.quantity,
            "currencyCode": product.get("recipientCurrencyCode"),
            "brand": product.get("brand"),
        },
        "transactionCreatedTime": order.created_at.strftime(STAMP),
    }


def _is_within(request: Request, created_at: datetime) -> bool:
    stamp = created_at.strftime(STAMP)
    start = request.query_params.get("startDate", "")
    end = request.query_params.get("endDate", "9999")
    return start <= stamp <= end


async def list_transactions(request: Request) -> Response:
    """Report the orders, filtered by time and custom identifier."""
    world = _authorise(request)
    world.store.count("report")
    key = request.query_params.get("customIdentifier")
    found = [
        order
        for order in world.store.orders()
        if (key is None or order.key == key) and _is_within(request, order.created_at)
    ]
    values = [_transaction(world, order) for order in found]
    if key is not None:
        for order in found:
            world.store.note_read(order)
    return _page(request, values)


async def show_transaction(request: Request) -> Response:
    """Report one order."""
    world = _authorise(request)
    order = world.store.order(request.path_params["number"])
    if order is None:
        raise Refused(404, None, "Gift Card transaction not found.")
    world.store.note_read(order)
    return answer(_transaction(world, order))


async def show_cards(request: Request) -> Response:
    """Deliver the cards of an order that succeeded."""
    world = _authorise(request)
    world.store.count("cards")
    order = world.store.order(request.path_params["number"])
    if order is None or order.status != "SUCCESSFUL":
        raise Refused(404, None, "Invalid transaction id")
    return answer(order.cards)
