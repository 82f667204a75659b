"""The Xoxoday double: its rewards API as far as Mizan speaks it, with real state.

Every operation is posted to one address and named by its `query`. A poNumber that was used is
refused, as the real one asks for unique ones; which answer it gives then is not documented. The
poNumber is kept as the order's tag too, as Mizan sends both alike.
"""

import json
import secrets
from collections.abc import Callable, Mapping
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
from api.doubles.xoxoday_shop import (
    ACCOUNT_CURRENCY,
    COUNTRIES,
    STAMP,
    Refused,
    Slow,
    Unauthorised,
    XoxodayShop,
    answer_refused,
    cost_of,
    faces_of,
    find_product,
    is_in_stock,
    products_of,
    read_body,
    refuse_as_asked,
)

CLIENT_ID = "mizan-demo"
CLIENT_SECRET = "mizan-demo-secret"  # noqa: S105 - the double's own, worth nothing elsewhere
REFRESH_TOKEN = "mizan-demo-refresh"  # noqa: S105 - likewise
CATALOGUE_FILE = Path(__file__).with_name("xoxoday_catalogue.json")
LIMIT_MAX = 100
KEY_LENGTH_MAX = 100

Operation = Callable[[World, Json, Fault], Response]


def create_app(folder: Path, clock: Clock) -> Starlette:
    """Build the double over a folder that holds its state."""
    products = json.loads(CATALOGUE_FILE.read_bytes(), parse_float=Decimal)
    routes = [
        Route("/v1/oauth/token/user", give_token, methods=["POST"]),
        Route("/v1/oauth/api", answer_query, methods=["POST"]),
        *CONTROL_ROUTES,
    ]
    kinds = (Refused, Unauthorised, Slow)
    app = Starlette(routes=routes, exception_handlers=dict.fromkeys(kinds, answer_refused))
    book, shop = OrderBook(folder), XoxodayShop()
    events = OrderEvents(book, shop.sign, forgets=True)
    app.state.world = World(shop, book, clock, events, {"products": products})
    return app


async def give_token(request: Request) -> Response:
    """Give out an access token; a refresh token is good for one turn and is replaced."""
    world = world_of(request)
    body = await read_body(request)
    world.book.count("token")
    if (body.get("client_id"), body.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise Unauthorised(401, "unauthorized_client", "invalid client credentials")
    given: Json = {}
    if body.get("grant_type") == "refresh_token":
        if body.get("refresh_token") != world.book.setting("refresh_token", REFRESH_TOKEN):
            raise Unauthorised(401, "invalid_token", "invalid/expired token")
        given["refresh_token"] = secrets.token_urlsafe(32)
        world.book.set_setting("refresh_token", given["refresh_token"])
    elif body.get("grant_type") != "client_credentials":
        raise Unauthorised(400, "unsupported_grant_type", "unknown grant type")
    token = secrets.token_urlsafe(32)
    world.book.add_token(token, world.clock.now())
    return answer(
        {"access_token": token, "token_type": "bearer", "expires_in": TOKEN_SECONDS, **given}
    )


async def answer_query(request: Request) -> Response:
    """Answer the operation that a query names."""
    world = world_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not world.book.has_token(token, world.clock.now()):
        raise Unauthorised(401, "invalid_token", "invalid/expired token")
    body = await read_body(request)
    name = body.get("query")
    variables = body.get("variables")
    asked = variables.get("data") if isinstance(variables, dict) else None
    if name not in OPERATIONS or body.get("tag") != "plumProAPI" or not isinstance(asked, dict):
        raise Refused(400, "PLE10001", "Validation error", "The query is not known.")
    operation, place = OPERATIONS[name]
    if place == "lookup" and not asked.get("poNumber"):
        place = "cards"
    world.book.count(str(name).rpartition(".")[2])
    act = partial(operation, world, asked)
    return await play(request, world.book, place, act, refuse=refuse_as_asked)


def _told(name: str, data: object) -> Response:
    return answer({"data": {name: {"status": 1, "data": data}}})


def get_balance(world: World, asked: Json, fault: Fault) -> Response:
    """Tell what is left of the prepaid money."""
    value = world.book.balance(ACCOUNT_CURRENCY)
    return _told("getBalance", {"value": value, "currency": ACCOUNT_CURRENCY})


def get_filters(world: World, asked: Json, fault: Fault) -> Response:
    """List the countries by which the catalogue can be filtered."""
    filters = [
        {"filterValue": name.replace("_", " "), "isoCode": code, "filterValueCode": name}
        for code, name in COUNTRIES.items()
    ]
    group = {"filterGroupName": "Country", "filterGroupCode": "country", "filters": filters}
    return _told("getFilters", [group])


def get_vouchers(world: World, asked: Json, fault: Fault) -> Response:
    """List one page of the catalogue, counted from 1; behind the last one nothing is found."""
    limit, page = asked.get("limit"), asked.get("page")
    if type(limit) is not int or type(page) is not int or limit < 1 or page < 1:
        raise Refused(400, "PLE10033", "Failed to validate getVouchers request")
    limit = world.book.page_size(min(limit, LIMIT_MAX))
    country = _filter(asked, "country")
    if country is not None and country not in COUNTRIES.values():
        raise Refused(400, "PLE10031", "Invalid filter value code")
    found = [
        one
        for one in products_of(world)
        if country is None or country in [COUNTRIES[each["code"]] for each in one["countries"]]
    ]
    shown = found[(page - 1) * limit : page * limit]
    if not shown:
        raise Refused(404, "PLE10030", "Failed to find vouchers.", "No Vouchers Found")
    if asked.get("exchangeRate") != 1:
        shown = [{**one, "exchangeRate": None} for one in shown]
    return _told("getVouchers", shown)


def _filter(asked: Json, key: str) -> str | None:
    filters = asked.get("filters")
    for one in filters if isinstance(filters, list) else []:
        if isinstance(one, dict) and one.get("key") == key and one.get("value"):
            return str(one["value"])
    return None


def place_order(world: World, asked: Json, fault: Fault) -> Response:
    """Take an order."""
    if fault.kind in ("out_of_stock", "withdrawn_item"):
        raise refuse_as_asked(fault.kind)
    checked = _checked_order(world, asked, fault)
    order = world.book.add_order(
        bend(checked, fault, pending="pending", done="delivered", lies=True)
    )
    world.tell_order(order)
    return _told("placeOrder", _details(world, order))


def _checked_order(world: World, asked: Json, fault: Fault) -> Order:
    product = _offered(world, asked.get("productId"))
    quantity, key = asked.get("quantity"), asked.get("poNumber")
    if type(quantity) is not int or quantity < 1:
        raise Refused(400, "PLE10001", "Validation error in place order")
    if quantity > product["orderQuantityLimit"]:
        raise Refused(409, "PLE10041", "Clients are not allowed to place more than 10 Qty")
    if not (isinstance(key, str) and 0 < len(key) <= KEY_LENGTH_MAX):
        raise Refused(400, "PLE10001", "Validation error in place order")
    if fault.kind != "duplicate" and world.book.orders(key):
        raise Refused(422, "PLE10004", "Failed to validate client's externalOrderId")
    if product["isPhoneNumberMandatory"] and not str(asked.get("contact") or "").strip():
        raise Refused(400, "PLE10001", "Validation error in place order", "contact is missing")
    face = _face(product, asked.get("denomination"))
    price = cost_of(product, face) * quantity
    fee = _percent_of(price, product["fee"])
    discount = _percent_of(price, product["discount"])
    if world.book.balance(ACCOUNT_CURRENCY) < price + fee - discount:
        raise Refused(422, "PLE10010", "Failed to redeem points", "The balance is not enough")
    return Order(
        key=key,
        is_twin=bool(world.book.orders(key)),
        sku=str(product["productId"]),
        quantity=quantity,
        face=face,
        face_currency=product["currencyCode"],
        cost=price + fee - discount,
        discount=discount,
        fee=fee,
        currency=ACCOUNT_CURRENCY,
        status="pending" if product["deliveryType"] == "delayed" else "delivered",
        created_at=world.clock.now(),
    )


def _offered(world: World, number: object) -> Json:
    product = find_product(world, number)
    if product is None:
        raise refuse_as_asked("withdrawn_item")
    if not is_in_stock(world, product["productId"]):
        raise refuse_as_asked("out_of_stock")
    return product


def _face(product: Json, given: object) -> Decimal:
    if type(given) in (int, Decimal):
        face, known = Decimal(str(given)), faces_of(product)
        is_range = product["valueType"] == "open_value"
        if (known[0] <= face <= known[-1]) if is_range else face in known:
            return face
    raise Refused(400, "PLE10018", "Invalid denomination for the product")


def _percent_of(price: Decimal, percent: Decimal) -> Decimal:
    return (price * Decimal(percent) / 100).quantize(Decimal("0.01"))


def _details(world: World, order: Order, *, with_cards: bool = False) -> Json:
    face = Decimal(order.lies.get("face", order.face))
    currency, number = order.face_currency, order.number
    cards = world.book.take_cards(order) if with_cards and order.status == "delivered" else []
    return {
        "orderId": number,
        "orderTotal": order.amount,
        "orderDiscount": str(order.discount),
        "discountPercent": "",
        "currencyCode": order.lies.get("currency", order.currency),
        "currencyValue": 1,
        "amountCharged": order.cost,
        "orderStatus": "complete",
        "deliveryStatus": order.status,
        "tag": order.lies.get("key", order.key),
        "orderDate": order.created_at.strftime(STAMP),
        "quantity": order.quantity,
        "vouchers": [
            {
                "productId": int(order.sku),
                "orderId": number,
                "voucherCode": code,
                "pin": pin,
                "validity": "2031-12-31",
                "amount": face,
                "currency": currency,
                "type": "codePin",
            }
            for code, pin in cards
        ],
        "voucherDetails": [
            {
                "orderId": number,
                "productId": int(order.sku),
                "currencyCode": currency,
                "productStatus": order.status,
                "denomination": face,
            }
        ],
    }


def get_order_details(world: World, asked: Json, fault: Fault) -> Response:
    """Tell an order by its poNumber or its number, with its vouchers."""
    key, number = asked.get("poNumber"), asked.get("orderId")
    is_by_key = bool(key)
    orders = [
        one
        for one in world.book.orders()
        if (one.key == key if is_by_key else str(one.number) == str(number))
    ]
    if not orders or (is_by_key and not world.book.sees(orders[0])):
        raise Refused(404, "PLE10016", "Failed to get Order details")
    order = orders[0]
    world.note_read(order)
    details = _details(world, order, with_cards=not is_by_key)
    if fault.kind == "wrong_order":
        details["vouchers"] = [{**one, "orderId": order.number + 1} for one in details["vouchers"]]
    return _told("getOrderDetails", details)


def get_order_history(world: World, asked: Json, fault: Fault) -> Response:
    """List orders of some days, newest first, without their vouchers."""
    start, end = str(asked.get("startDate")), str(asked.get("endDate"))
    limit, page = asked.get("limit"), asked.get("page")
    if type(limit) is not int or type(page) is not int or limit < 1 or page < 1:
        raise Refused(400, "PLE10032", "Failed to validate OrderHistory Request")
    tag = asked.get("tag")
    found = [
        {**_details(world, one), "poNumber": one.key}
        for one in reversed(world.book.orders())
        if (not tag or one.key == tag)
        and one.hidden_left == 0
        and start <= one.created_at.strftime("%Y-%m-%d") <= end
    ]
    shown = found[(page - 1) * limit : page * limit]
    if not shown:
        raise Refused(404, "PLE10022", "Failed to find order history")
    return _told("getOrderHistory", shown)


OPERATIONS: Mapping[object, tuple[Operation, str]] = {
    "plumProAPI.query.getBalance": (get_balance, "balance"),
    "plumProAPI.mutation.getBalance": (get_balance, "balance"),
    "plumProAPI.mutation.getFilters": (get_filters, "filters"),
    "plumProAPI.mutation.getVouchers": (get_vouchers, "feed"),
    "plumProAPI.mutation.placeOrder": (place_order, "order"),
    "plumProAPI.mutation.getOrderDetails": (get_order_details, "lookup"),
    "plumProAPI.mutation.getOrderHistory": (get_order_history, "history"),
}
