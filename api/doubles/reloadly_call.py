"""What every endpoint of the Reloadly double reads and answers with."""

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.clock import Clock
from api.doubles.control_language import answer, minor_of
from api.doubles.outages import FAULTS
from api.doubles.reloadly_stock import find_in_stock
from api.doubles.shop_store import Order, ShopStore

STAMP = "%Y-%m-%d %H:%M:%S"
CAPABILITIES = ("orders", "ranges", "delayed", "lookup", "quantities")
STATUSES = ("SUCCESSFUL", "PENDING", "PROCESSING", "FAILED", "REFUNDED")

Json = dict[str, Any]


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


@dataclass(frozen=True, slots=True)
class World:
    """What the endpoints work on."""

    store: ShopStore
    clock: Clock
    own_products: tuple[Json, ...]
    folder: Path

    @property
    def description(self) -> Json:
        """What the API can do."""
        countries = sorted({one["country"]["isoName"] for one in self.own_products})
        return {
            "supplier": "reloadly",
            "capabilities": CAPABILITIES,
            "countries": countries,
            "statuses": STATUSES,
            # Its cards do not say which order they belong to.
            "faults": {place: sorted(kinds - {"wrong_order"}) for place, kinds in FAULTS.items()},
        }

    @property
    def products(self) -> list[Json]:
        """The catalogue as it is now."""
        changed = (
            _changed(one, self.store.changes_of(str(one["productId"]))) for one in self.own_products
        )
        return [one for one in changed if one is not None]

    def product(self, number: object) -> Json | None:
        """Find a product by its number."""
        own = next((one for one in self.products if one["productId"] == number), None)
        if own is None and any(one["productId"] == number for one in self.own_products):
            return None
        return own or find_in_stock(self.folder, number)

    def listed(self) -> list[Json]:
        """List what is on sale."""
        return [
            _listed(one, is_in_stock=self.is_in_stock(one["productId"])) for one in self.products
        ]

    def is_in_stock(self, number: int) -> bool:
        """Tell whether a product can be had, of which the catalogue says nothing."""
        return "out_of_stock" not in self.store.changes_of(str(number))

    def face_currency(self, order: Order) -> str:
        """Tell the currency of an order's faces."""
        product = self.product(int(order.sku)) or {}
        return str(product.get("recipientCurrencyCode", order.currency))

    def report(self, number: int) -> None:
        """Reloadly reports nothing about gift cards."""

    def message(self, order: Order, event_id: str, *, is_forged: bool) -> Json | None:
        """Reloadly reports nothing about gift cards."""
        return None


def _changed(product: Json, changes: frozenset[str]) -> Json | None:
    if "withdraw" in changes:
        return None
    changed = dict(product)
    if "reprice" in changes:
        for name in ("minSenderDenomination", "maxSenderDenomination"):
            changed[name] = product[name] and product[name] * 2
        costs = product["fixedSenderDenominations"]
        changed["fixedSenderDenominations"] = costs and [cost * 2 for cost in costs]
        costs_by_face = product.get("fixedRecipientToSenderDenominationsMap")
        changed["fixedRecipientToSenderDenominationsMap"] = costs_by_face and {
            face: cost * 2 for face, cost in costs_by_face.items()
        }
    if "control_character" in changes:
        changed["productName"] += "\u0007"
    if "unknown_currency" in changes:
        changed["recipientCurrencyCode"] = "ZZZ"
    if "too_many_digits" in changes:
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


def world_of(request: Request) -> World:
    """Find the state behind a request."""
    world: World = request.app.state.world
    return world


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
