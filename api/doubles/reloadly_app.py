"""The Reloadly double: its gift card API as far as Mizan speaks it, with real state.

Like the real one it does not enforce that a custom identifier is unique.
"""

import json
import secrets
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.clock import Clock
from api.doubles.control_language import answer
from api.doubles.double_memory import Fault
from api.doubles.order_book import TOKEN_SECONDS, Order, OrderBook
from api.doubles.order_control import CONTROL_ROUTES
from api.doubles.order_events import OrderEvents
from api.doubles.order_faults import bend, play
from api.doubles.order_world import Json, World, world_of
from api.doubles.outages import die as _die
from api.doubles.reloadly_shop import (
    STAMP,
    Refused,
    ReloadlyShop,
    answer_refused,
    find_product,
    is_in_stock,
    products_of,
    read_body,
    refuse_as_asked,
)

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
    book, shop = OrderBook(folder), ReloadlyShop(products)
    catalogue_of = {"content": products, "folder": folder}
    app.state.world = World(shop, book, clock, OrderEvents(book, shop.sign), catalogue_of)
    return app


async def give_token(request: Request) -> Response:
    """Give out an access token for the right credentials."""
    world = world_of(request)
    body = await read_body(request)
    world.book.count("token")
    given = body.get("client_id"), body.get("client_secret"), body.get("grant_type")
    if given != (CLIENT_ID, CLIENT_SECRET, "client_credentials"):
        raise Refused(401, "INVALID_CREDENTIALS", "Access Denied")
    token = secrets.token_urlsafe(32)
    world.book.add_token(token, world.clock.now())
    fields = {"scope": "developer", "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}
    return answer({"access_token": token, **fields})


def _authorise(request: Request) -> World:
    world = world_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not world.book.has_token(token, world.clock.now()):
        raise Refused(
            401, "INVALID_TOKEN", "Full authentication is required to access this resource"
        )
    return world


def _page(request: Request, values: list[Json]) -> Response:
    """Answer one page: asked for from 1, answered from 0."""
    try:
        number = max(int(request.query_params.get("page", "1")), 1) - 1
        size = min(max(int(request.query_params.get("size", "50")), 1), PAGE_SIZE_MAX)
        size = world_of(request).book.page_size(size)
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
    world.book.count("products")
    show = partial(_list_products, world, request)
    return await play(request, world.book, "feed", show, refuse=refuse_as_asked)


def _list_products(world: World, request: Request, fault: Fault) -> Response:
    country = request.path_params.get("country")
    if country is None:
        return _page(request, products_of(world))
    found = [one for one in products_of(world) if one["country"]["isoName"] == country]
    if not found and not (len(country) == 2 and country.isalpha() and country.isupper()):
        raise Refused(
            404, "COUNTRY_NOT_SUPPORTED", "Country not found and/or not currently supported"
        )
    return _page(request, found)


async def show_product(request: Request) -> Response:
    """Show one product."""
    product = find_product(_authorise(request), request.path_params["number"])
    if product is None:
        raise Refused(404, "PRODUCT_NOT_FOUND", "Product not found")
    return answer(product)


async def show_balance(request: Request) -> Response:
    """Show what is left of the prepaid money."""
    world = _authorise(request)
    products = products_of(world)
    currency = products[0]["senderCurrencyCode"] if products else "USD"
    balance = world.book.balance(currency)
    return answer({"balance": balance, "currencyCode": currency})


async def place_order(request: Request) -> Response:
    """Take an order, playing the fault that waits, if any."""
    world = _authorise(request)
    body = await read_body(request)
    world.book.count("order")

    def take(fault: Fault) -> Response:
        if fault.kind in ("out_of_stock", "withdrawn_item"):
            raise refuse_as_asked(fault.kind)
        asked = _checked_order(world, body)
        checked = bend(asked, fault, pending="PENDING", done=asked.status, lies=True)
        order = world.book.add_order(checked)
        if fault.kind == "duplicate":
            world.book.add_order(replace(checked, is_twin=True))
        return answer(_transaction(world, order))

    # Named here and not as a default, so that whoever plays a fall can put another in its place.
    return await play(
        request, world.book, "order", take, refuse=refuse_as_asked, die=lambda: _die()
    )


def _checked_order(world: World, body: Json) -> Order:
    product = find_product(world, body.get("productId"))
    if product is None or product.get("status", "ACTIVE") != "ACTIVE":
        raise refuse_as_asked("withdrawn_item")
    if not is_in_stock(world, product["productId"]):
        raise refuse_as_asked("out_of_stock")
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
    if world.book.balance(currency) < price + fee - discount:
        raise Refused(400, "INSUFFICIENT_BALANCE", "The balance is not enough for this order")
    return Order(
        key=key,
        sku=str(product["productId"]),
        quantity=quantity,
        face=face,
        face_currency=product["recipientCurrencyCode"],
        cost=price + fee - discount,
        discount=discount,
        fee=fee,
        currency=currency,
        status="SUCCESSFUL",
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
    product = find_product(world, int(order.sku)) or {}
    face = Decimal(order.lies.get("face", order.face))
    return {
        "transactionId": order.number,
        "amount": order.amount,
        "discount": order.discount,
        "currencyCode": order.lies.get("currency", order.currency),
        "fee": order.fee,
        "smsFee": 0,
        "recipientEmail": None,
        "recipientPhone": None,
        "customIdentifier": order.lies.get("key", order.key),
        "status": order.status,
        "product": {
            "productId": int(order.sku),
            "productName": product.get("productName"),
            "countryCode": product.get("country", {}).get("isoName"),
            "quantity": order.quantity,
            "unitPrice": face,
            "totalPrice": face * order.quantity,
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
    world.book.count("report")

    def report(fault: Fault) -> Response:
        key = request.query_params.get("customIdentifier")
        found = [
            order
            for order in reversed(world.book.orders(key))
            if _is_within(request, order.created_at) and world.book.sees(order)
        ]
        values = [_transaction(world, order) for order in found]
        if key is not None:
            for order in found:
                world.note_read(order)
        return _page(request, values)

    return await play(request, world.book, "lookup", report, refuse=refuse_as_asked)


async def show_transaction(request: Request) -> Response:
    """Report one order."""
    world = _authorise(request)
    order = world.book.order(request.path_params["number"])
    if order is None:
        raise Refused(404, None, "Gift Card transaction not found.")
    world.note_read(order)
    return answer(_transaction(world, order))


async def show_cards(request: Request) -> Response:
    """Deliver the cards of an order that succeeded."""
    world = _authorise(request)
    world.book.count("cards")
    show = partial(_show_cards, world, request.path_params["number"])
    return await play(request, world.book, "cards", show, refuse=refuse_as_asked)


def _show_cards(world: World, number: int, fault: Fault) -> Response:
    order = world.book.order(number)
    if order is None or order.status != "SUCCESSFUL":
        raise Refused(404, None, "Invalid transaction id")
    cards = world.book.take_cards(order)
    return answer([{"cardNumber": card, "pinCode": pin} for card, pin in cards])
