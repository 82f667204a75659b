"""What every operation of the Xoxoday double reads and answers with."""

import json
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.clock import Clock
from api.doubles.control_language import answer, minor_of
from api.doubles.shop_messages import Messenger
from api.doubles.shop_store import Order, ShopStore

STAMP = "%Y-%m-%d %H:%M:%S"
CAPABILITIES = ("orders", "ranges", "delayed", "lookup", "quantities", "webhooks")
STATUSES = ("delivered", "pending", "canceled")
WEBHOOK_KEY = "mizan-demo-webhook-key"
ACCOUNT_CURRENCY = "SAR"
COUNTRIES = {"SA": "saudi_arabia", "AE": "uae", "ZA": "south_africa"}
"""Codes of countries, and what the catalogue's filter calls them."""

Json = dict[str, Any]


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


@dataclass(frozen=True, slots=True)
class World:
    """What the operations work on."""

    store: ShopStore
    clock: Clock
    own_products: tuple[Json, ...]
    messenger: Messenger

    @property
    def description(self) -> Json:
        """What the API can do."""
        return {
            "supplier": "xoxoday",
            "capabilities": CAPABILITIES,
            "countries": sorted(COUNTRIES),
            "statuses": STATUSES,
        }

    @property
    def products(self) -> list[Json]:
        """The catalogue as it is now."""
        changed = (
            _changed(one, self.store.changes_of(str(one["productId"]))) for one in self.own_products
        )
        return [one for one in changed if one is not None]

    def product(self, number: object) -> Json | None:
        """Find a product by its number, as a number or as its digits."""
        return next((one for one in self.products if str(one["productId"]) == str(number)), None)

    def listed(self) -> list[Json]:
        """List what is on sale, once for each country."""
        return [
            _listed(product, country["code"], is_active=self.is_in_stock(product["productId"]))
            for product in self.products
            for country in product["countries"]
        ]

    def is_in_stock(self, number: int) -> bool:
        """Tell whether a product can be had, of which the catalogue says nothing."""
        return "out_of_stock" not in self.store.changes_of(str(number))

    def face_currency(self, order: Order) -> str:
        """Tell the currency of an order's faces."""
        own = (one for one in self.own_products if str(one["productId"]) == order.sku)
        return str(next(own)["currencyCode"])

    def report(self, number: int) -> None:
        """Send the message that an order was delivered or cancelled."""
        order = self.store.order(number)
        if order is None or order.status == "pending":
            return
        # Ids of messages are numbers; these are the order's and how far it came.
        event_id = f"{order.id}{STATUSES.index(order.status)}"
        self.messenger.send(self.message(order, event_id, is_forged=False))

    def message(self, order: Order, event_id: str, *, is_forged: bool) -> Json:
        """Write the message about an order's delivery, under the key that was agreed."""
        body = {
            "id": int(event_id),
            "data": {
                "orderId": order.id,
                "poNumber": order.key,
                "orderDate": order.created_at.strftime(STAMP),
                "deliveryStatus": order.status,
            },
            "createdAt": self.clock.now().strftime(STAMP),
        }
        key = "somebody-elses-key" if is_forged else WEBHOOK_KEY
        headers = {"content-type": "application/json", "x-api-key": key}
        return {"headers": headers, "body": json.dumps(body)}


def _changed(product: Json, changes: frozenset[str]) -> Json | None:
    if "withdraw" in changes:
        return None
    changed = dict(product)
    if "reprice" in changes:
        changed["exchangeRate"] = Decimal(product["exchangeRate"]) * 2
    if "control_character" in changes:
        changed["name"] += "\u0007"
    if "unknown_currency" in changes:
        changed["currencyCode"] = "ZZZ"
    if "too_many_digits" in changes:
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


def world_of(request: Request) -> World:
    """Find the state behind a request."""
    world: World = request.app.state.world
    return world


async def read_body(request: Request) -> Json:
    """Read a JSON object with exact numbers."""
    try:
        value = json.loads(await request.body(), parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Refused(400, "PLE10001", "Validation error", "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Refused(400, "PLE10001", "Validation error", "The body is not an object.")
    return value
