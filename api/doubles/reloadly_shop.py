"""What the Reloadly double sells, and what its endpoints read and answer with."""

import json
from decimal import Decimal
from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response

from api.doubles.control_language import answer, minor_of
from api.doubles.order_book import Order
from api.doubles.order_world import Json, World, world_of
from api.doubles.outages import FAULTS
from api.doubles.reloadly_stock import find_in_stock

STAMP = "%Y-%m-%d %H:%M:%S"


class Refused(Exception):
    """An answer in the shape of Reloadly's errors."""

    def __init__(self, status: int, code: str | None, message: str) -> None:
        self.status, self.code, self.message = status, code, message
        super().__init__(message)


def refuse_as_asked(kind: str) -> Exception:
    """Say a fault in Reloadly's words."""
    if kind == "error_429":
        return Refused(429, "TOO_MANY_REQUESTS", "Too many requests, please slow down")
    if kind == "out_of_stock":
        return Refused(400, "PRODUCT_OUT_OF_STOCK", "The product is out of stock")
    if kind == "withdrawn_item":
        return Refused(400, "INVALID_PRODUCT", "The product is not available")
    return Refused(500, None, "Could not retrieve/update resources at the moment")


class ReloadlyShop:
    """Reloadly, as its double plays it; it reports nothing about gift cards."""

    name: ClassVar = "reloadly"
    capabilities: ClassVar = frozenset({"orders", "ranges", "delayed", "lookup", "quantities"})
    statuses: ClassVar = frozenset({"SUCCESSFUL", "PENDING", "PROCESSING", "FAILED", "REFUNDED"})
    untold: ClassVar = statuses
    # Its cards do not say which order they belong to.
    faults: ClassVar = {place: kinds - {"wrong_order"} for place, kinds in FAULTS.items()}
    has_tokens: ClassVar = True
    webhook_secret: ClassVar = ""

    def __init__(self, products: list[Json]) -> None:
        self.countries = sorted({one["country"]["isoName"] for one in products})

    def listed(self, world: World) -> list[Json]:
        """List what is on sale."""
        return [
            _listed(one, is_in_stock=is_in_stock(world, one["productId"]))
            for one in products_of(world)
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

    def order_message(self, world: World, order: Order, event_id: str) -> None:
        """Report nothing."""

    def item_message(self, world: World, sku: str, event_id: str) -> None:
        """Report nothing."""

    def sign(self, body: bytes, secret: str) -> dict[str, str]:
        """Sign nothing."""
        return {}


def products_of(world: World) -> list[Json]:
    """Tell the catalogue as it is now."""
    products = world.catalogue["content"]
    changed = (_changed(one, world.changes.get(str(one["productId"]))) for one in products)
    return [one for one in changed if one is not None]


def find_product(world: World, number: object) -> Json | None:
    """Find a product by its number, in the catalogue or in what was imported here."""
    own = next((one for one in products_of(world) if one["productId"] == number), None)
    if own is None and any(one["productId"] == number for one in world.catalogue["content"]):
        return None
    return own or find_in_stock(world.catalogue["folder"], number)


def is_in_stock(world: World, number: int) -> bool:
    """Tell whether a product can be had, of which the catalogue says nothing."""
    return world.changes.get(str(number)) != "out_of_stock"


def _changed(product: Json, change: str | None) -> Json | None:
    if change == "withdraw":
        return None
    changed = dict(product)
    if change == "reprice":
        for name in ("minSenderDenomination", "maxSenderDenomination"):
            changed[name] = product[name] and product[name] * 2
        costs = product["fixedSenderDenominations"]
        changed["fixedSenderDenominations"] = costs and [cost * 2 for cost in costs]
        costs_by_face = product.get("fixedRecipientToSenderDenominationsMap")
        changed["fixedRecipientToSenderDenominationsMap"] = costs_by_face and {
            face: cost * 2 for face, cost in costs_by_face.items()
        }
    if change == "control_character":
        changed["productName"] += "\u0007"
    if change == "unknown_currency":
        changed["recipientCurrencyCode"] = "ZZZ"
    if change == "too_many_digits":
        changed["senderFee"] = Decimal("1.2345")
    return changed


def _listed(product: Json, *, is_in_stock: bool) -> Json:
    face, cost = product["recipientCurrencyCode"], product["senderCurrencyCode"]
    is_range = product["denominationType"] == "RANGE"
    names = ("minRecipientDenomination", "maxRecipientDenomination")
    faces = [product[one] for one in names] if is_range else product["fixedRecipientDenominations"]
    names = ("minSenderDenomination", "maxSenderDenomination")
    costs = [product[one] for one in names] if is_range else product["fixedSenderDenominations"]
    return {
        "sku": str(product["productId"]),
        "name": product["productName"],
        "country": product["country"]["isoName"],
        "faceCurrency": face,
        "costCurrency": cost,
        "isRange": is_range,
        "prices": []
        if face == "ZZZ"
        else [
            [minor_of(one, face), minor_of(other, cost)]
            for one, other in zip(faces, costs, strict=True)
        ],
        "isActive": is_in_stock and product.get("status", "ACTIVE") == "ACTIVE",
    }


def answer_refused(request: Request, refused: Exception) -> Response:
    """Answer in the shape of Reloadly's errors."""
    if not isinstance(refused, Refused):
        raise refused
    now = world_of(request).clock.now()
    problem: Json = {
        "timeStamp": now.strftime(STAMP),
        "message": refused.message,
        "path": request.url.path,
        "errorCode": refused.code,
        "infoLink": None,
        "details": [],
    }
    return answer(problem, refused.status)


async def read_body(request: Request) -> Json:
    """Read a JSON object with exact numbers."""
    try:
        value = json.loads(await request.body(), parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Refused(400, "INVALID_REQUEST", "The body is not JSON.") from None
    if not isinstance(value, dict):
        raise Refused(400, "INVALID_REQUEST", "The body is not an object.")
    return value
