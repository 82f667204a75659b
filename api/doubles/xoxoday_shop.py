"""What the Xoxoday double sells, and what its operations read and answer with."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response

from api.doubles.control_language import answer, minor_of
from api.doubles.order_book import Order
from api.doubles.order_world import Json, World
from api.doubles.outages import FAULTS

STAMP = "%Y-%m-%d %H:%M:%S"
WEBHOOK_KEY = "mizan-demo-webhook-key"
ACCOUNT_CURRENCY = "SAR"
COUNTRIES = {"SA": "saudi_arabia", "AE": "uae", "ZA": "south_africa"}
"""Codes of countries, and what the catalogue's filter calls them."""


class Refused(Exception):
    """An answer in the shape of the API's own errors."""

    def __init__(self, status: int, code: str, about: str, message: str = "") -> None:
        self.status, self.code, self.about, self.message = status, code, about, message or about
        super().__init__(about)


class Unauthorised(Exception):
    """An answer in the shape of an OAuth error."""

    def __init__(self, status: int, error: str, description: str) -> None:
        self.status, self.error, self.description = status, error, description
        super().__init__(description)


class Slow(Exception):
    """Too many requests, which has a shape of its own."""


def refuse_as_asked(kind: str) -> Exception:
    """Say a fault in Xoxoday's words."""
    if kind == "error_429":
        return Slow()
    if kind == "out_of_stock":
        return Refused(502, "PLE10024", "Vouchers are out of stock")
    if kind == "withdrawn_item":
        return Refused(404, "PLE10017", "Failed to get product details")
    return Refused(502, "PLE10025", "Failed to place order for the client")


def answer_refused(request: Request, refused: Exception) -> Response:
    """Answer an error in the shape that belongs to it."""
    if isinstance(refused, Slow):
        limits = {"message": "auth.request_limit_exceeded", "penaltySeconds": 60}
        return answer({"errors": [limits]}, 429)
    if isinstance(refused, Unauthorised):
        problem = {"error": refused.error, "error_description": refused.description}
        return answer(problem, refused.status)
    if isinstance(refused, Refused):
        return answer(
            {
                "code": refused.status,
                "errorId": refused.code,
                "errorInfo": refused.about,
                "error": refused.message,
            },
            refused.status,
        )
    raise refused


class XoxodayShop:
    """Xoxoday, as its double plays it."""

    name: ClassVar = "xoxoday"
    capabilities: ClassVar = frozenset(
        {"orders", "ranges", "delayed", "lookup", "quantities", "webhooks"}
    )
    countries: ClassVar = sorted(COUNTRIES)
    statuses: ClassVar = ("delivered", "pending", "canceled")
    untold: ClassVar = frozenset({"pending"})
    faults: ClassVar = FAULTS
    has_tokens: ClassVar = True
    webhook_secret: ClassVar = WEBHOOK_KEY

    def listed(self, world: World) -> list[Json]:
        """List what is on sale, once for each country."""
        return [
            _listed(product, country["code"], is_active=is_in_stock(world, product["productId"]))
            for product in products_of(world)
            for country in product["countries"]
        ]

    def reference(self, order: Order) -> str:
        """Write the number of an order."""
        return str(order.number)

    def number(self, reference: str) -> int:
        """Read the number of an order: of one that is none it is 0."""
        return 0

    def codes(self, world: World, order: Order) -> list[tuple[str, str | None]]:
        """Show the cards of an order as they are in the end."""
        return [*order.cards]

    def order_message(self, world: World, order: Order, event_id: str) -> Json:
        """Write the message about an order's delivery."""
        # Ids of messages are numbers; its own are the order's and how far it came.
        own = f"{order.number}{self.statuses.index(order.status)}"
        return {
            "id": int(event_id if event_id.isdecimal() else own),
            "data": {
                "orderId": order.number,
                "poNumber": order.key,
                "orderDate": order.created_at.strftime(STAMP),
                "deliveryStatus": order.status,
            },
            "createdAt": world.clock.now().strftime(STAMP),
        }

    def item_message(self, world: World, sku: str, event_id: str) -> None:
        """Report nothing of items."""

    def sign(self, body: bytes, secret: str) -> dict[str, str]:
        """Name the key that was agreed."""
        return {"X-Api-Key": secret}


def products_of(world: World) -> list[Json]:
    """Tell the catalogue as it is now."""
    products = world.catalogue["products"]
    changed = (_changed(one, world.changes.get(str(one["productId"]))) for one in products)
    return [one for one in changed if one is not None]


def find_product(world: World, number: object) -> Json | None:
    """Find a product by its number, as a number or as its digits."""
    return next((one for one in products_of(world) if str(one["productId"]) == str(number)), None)


def is_in_stock(world: World, number: int) -> bool:
    """Tell whether a product can be had, of which the catalogue says nothing."""
    return world.changes.get(str(number)) != "out_of_stock"


def _changed(product: Json, change: str | None) -> Json | None:
    if change == "withdraw":
        return None
    changed = dict(product)
    if change == "reprice":
        changed["exchangeRate"] = Decimal(product["exchangeRate"]) * 2
    if change == "control_character":
        changed["name"] += "\u0007"
    if change == "unknown_currency":
        changed["currencyCode"] = "ZZZ"
    if change == "too_many_digits":
        changed["valueDenominations"] = "10.1234"
        changed["minValue"] = Decimal("10.1234")
    return changed


def faces_of(product: Json) -> list[Decimal]:
    """List the faces that a product is sold at, or the bounds of its range."""
    if product["valueType"] == "open_value":
        return [Decimal(product["minValue"]), Decimal(product["maxValue"])]
    return [Decimal(one) for one in product["valueDenominations"].split(",")]


def cost_of(product: Json, face: Decimal) -> Decimal:
    """Price one face in the account's currency, half up to its minor unit."""
    exact = Fraction(face) * Fraction(Decimal(product["exchangeRate"]))
    return Decimal(minor_of(exact, ACCOUNT_CURRENCY)).scaleb(-2)


def _listed(product: Json, country: str, *, is_active: bool) -> Json:
    face = product["currencyCode"]
    return {
        "sku": str(product["productId"]),
        "name": product["name"],
        "country": country,
        "faceCurrency": face,
        "costCurrency": ACCOUNT_CURRENCY,
        "isRange": product["valueType"] == "open_value",
        "prices": []
        if face == "ZZZ"
        else [
            [minor_of(one, face), minor_of(cost_of(product, one), ACCOUNT_CURRENCY)]
            for one in sorted(faces_of(product))
        ],
        "isActive": is_active,
    }


async def read_body(request: Request) -> Json:
    """Read a JSON object with exact numbers."""
    try:
        value = json.loads(await request.body(), parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Refused(400, "PLE10001", "Validation error", "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Refused(400, "PLE10001", "Validation error", "The body is not an object.")
    return value
