"""What the Tremendous double sells, how it shows its orders, and the messages that it writes."""

import hashlib
import hmac
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from api.doubles.control_language import minor_of
from api.doubles.order_book import Order
from api.doubles.order_events import WEBHOOK_SECRET
from api.doubles.order_faults import CENT
from api.doubles.order_world import Json, World
from api.doubles.outages import ANYWHERE, FAULTS

CURRENCY = "USD"
EVENTS = {"EXECUTED": "ORDERS.CREATED", "CANCELED": "ORDERS.CANCELED", "FAILED": "ORDERS.FAILED"}


class TremendousShop:
    """Tremendous, as its double plays it."""

    name = "tremendous"
    capabilities = frozenset(
        {"orders", "ranges", "delayed", "lookup", "twins_refused", "quantities", "cancel"}
        | {"webhooks"}
    )
    countries = ("AE", "JP", "KW", "SA", "US", "ZA")
    statuses = frozenset(
        {"CANCELED", "OPEN", "EXECUTED", "FAILED", "PENDING APPROVAL"}
        | {"PENDING INTERNAL PAYMENT APPROVAL"}
    )

    untold: frozenset[str] = frozenset()
    faults: ClassVar = {**FAULTS, "cancel": ANYWHERE}
    has_tokens = False
    webhook_secret = WEBHOOK_SECRET

    def listed(self, world: World) -> list[Json]:
        """List what is on sale in all countries, amounts in minor units."""
        return [
            {
                "sku": sku_of(product, currency),
                "country": country["abbr"],
                "faceCurrency": currency,
                "costCurrency": CURRENCY,
                "prices": sorted(
                    [minor_of(face, currency), minor_of(cost_of(world, face, currency), CURRENCY)]
                    for face in _faces(product, currency)
                ),
            }
            for product in products_of(world)
            for currency in product["currency_codes"]
            for country in product["countries"]
        ]

    def reference(self, order: Order) -> str:
        """Write the id of an order."""
        return f"OR{order.number:010d}"

    def number(self, reference: str) -> int:
        """Read the number of an order out of its id; 0 when it is none."""
        digits = reference.removeprefix("OR")
        is_one = len(digits) == 10 and digits.isascii() and digits.isdigit()
        return int(digits) if is_one else 0

    def codes(self, world: World, order: Order) -> list[tuple[str, str | None]]:
        """Show the links of an order's rewards."""
        return [(link_of(order, index), None) for index in range(order.quantity)]

    def order_message(self, world: World, order: Order, event_id: str) -> Json:
        """Report how far an order is."""
        about = {"id": self.reference(order), "type": "orders", "external_id": order.key}
        kind = EVENTS.get(order.status, "ORDERS.CREATED")
        return _message(world, event_id, kind, about)

    def item_message(self, world: World, sku: str, event_id: str) -> Json:
        """Report that a product is there, or is gone."""
        kind = "PRODUCTS.REMOVED" if world.changes.get(sku) == "withdraw" else "PRODUCTS.ADDED"
        about = {"id": sku.partition("-")[0], "type": "products"}
        return _message(world, event_id, kind, about)

    def sign(self, body: bytes, secret: str) -> dict[str, str]:
        """Sign with the private key of the webhook."""
        digest = hmac.digest(secret.encode(), body, hashlib.sha256)
        return {"Tremendous-Webhook-Signature": f"sha256={digest.hex()}"}


def _message(world: World, event_id: str, kind: str, about: Json) -> Json:
    return {
        "event": kind,
        "uuid": event_id,
        "created_utc": world.clock.now().isoformat(),
        "payload": {"resource": about, "meta": {}},
    }


def sku_of(product: Json, currency: str) -> str:
    """Name what is sold of a product in a currency, as control does."""
    return f"{product['id']}-{currency}"


def products_of(world: World, country: str | None = None) -> Iterator[Json]:
    """Go through the products, all or those of a country, as they have become."""
    for product in world.catalogue["products"]:
        shown = product
        for currency in product["currency_codes"]:
            change = world.changes.get(sku_of(product, currency))
            if change is not None:
                shown = _changed(shown, currency, change)
        is_here = country is None or any(one["abbr"] == country for one in product["countries"])
        if is_here and shown["currency_codes"]:
            yield shown


def _changed(product: Json, currency: str, change: str) -> Json:
    mine = [one for one in product["skus"] if one["currency_code"] == currency]
    others = [one for one in product["skus"] if one["currency_code"] != currency]
    last = mine[-1] if mine else {}
    if change in ("withdraw", "out_of_stock"):
        codes = [one for one in product["currency_codes"] if one != currency]
        return {**product, "currency_codes": codes, "skus": others}
    if change == "control_character":
        return {**product, "name": product["name"] + "\x07"}
    if change == "unknown_currency":
        last = {**last, "currency_code": "XXX"}
    else:
        more = Decimal(1) if change == "reprice" else Decimal("0.00001")
        low = last["min"] + more if last["min"] == last["max"] else last["min"]
        last = {**last, "min": low, "max": last["max"] + more}
    return {**product, "skus": [*mine[:-1], last, *others]}


def _faces(product: Json, currency: str) -> list[Decimal]:
    values = [one for one in product["skus"] if one["currency_code"] == currency]
    faces = {Decimal(one[end]) for one in values for end in ("min", "max")}
    return sorted(faces)


def cost_of(world: World, face: Decimal, currency: str) -> Decimal:
    """Tell what a face costs at the rate of the day."""
    return (face / Decimal(world.catalogue["forex"][currency])).quantize(CENT, ROUND_HALF_UP)


def reward_key(order: Order, index: int) -> str:
    """The id of one of the rewards of an order."""
    return f"RW{order.number:010d}{index:03d}"


def link_of(order: Order, index: int) -> str:
    """The link of one of the rewards of an order."""
    seed = f"tremendous:{order.number}:{index}:{order.created_at.isoformat()}".encode()
    return f"https://rewards.example.com/r/{hashlib.sha256(seed).hexdigest()}"


def order_view(world: World, order: Order, *, has_links: bool) -> Json:
    """Show an order; links are told by its creation only."""
    view: Json = {
        "id": world.shop.reference(order),
        "external_id": order.key,
        "created_at": order.created_at.isoformat(),
        "status": order.status,
        "channel": "API",
        "rewards": [
            reward_view(world, order, index, has_link=has_links) for index in range(order.quantity)
        ],
    }
    if order.status == "EXECUTED":
        view["payment"] = {"subtotal": order.cost, "total": order.cost, "fees": Decimal(0)}
    if order.status == "CANCELED":
        view["payment"] = {"subtotal": order.cost, "total": order.cost, "fees": Decimal(0)}
        view["payment"]["refund"] = {"total": order.cost}
    return view


def reward_view(world: World, order: Order, index: int, *, has_link: bool) -> Json:
    """Show one reward, with its link once it has one."""
    is_there = order.status == "EXECUTED" and not is_held(order, index)
    delivery: Json = {"method": "LINK", "status": "SUCCEEDED" if is_there else "PENDING"}
    if has_link and is_there:
        delivery["link"] = link_of(order, index)
    return {
        "id": reward_key(order, index),
        "order_id": world.shop.reference(order),
        "created_at": order.created_at.isoformat(),
        "value": {"denomination": order.face, "currency_code": order.face_currency},
        "delivery": delivery,
    }


def is_held(order: Order, index: int) -> bool:
    """Tell whether a reward has no link yet: the last one of a part, or every one."""
    return order.empty_left > 0 or (order.short_left > 0 and index == order.quantity - 1)


def find_product(world: World, key: Any) -> Json | None:
    """Find a product by its id."""
    return next((one for one in products_of(world) if one["id"] == key), None)
