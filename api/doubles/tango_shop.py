"""What the Tango double sells, how it shows its orders, and the messages that it writes."""

import base64
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

ACCOUNT = "mizan-demo"
CURRENCY = "USD"
INSTRUCTIONS = "<p>Show the code.</p>"
EVENT_STATUSES = {"COMPLETE": "SUCCESSFUL", "PENDING": "RETRYING"}


class TangoShop:
    """Tango, as its double plays it."""

    name = "tango"
    capabilities = frozenset(
        {"orders", "ranges", "delayed", "lookup", "twins_refused", "cancel", "stock", "webhooks"}
    )
    countries = ("AE", "BH", "JP", "KW", "SA", "US", "ZA")
    statuses = frozenset({"COMPLETE", "PENDING", "FAILED", "CANCELLED"})

    untold: frozenset[str] = frozenset()
    faults: ClassVar = {**FAULTS, "cancel": ANYWHERE}
    has_tokens = False
    webhook_secret = WEBHOOK_SECRET

    def listed(self, world: World) -> list[Json]:
        """List what is on sale in all countries, amounts in minor units."""
        return [
            {
                "sku": item["utid"],
                "country": country,
                "faceCurrency": item["currencyCode"],
                "costCurrency": CURRENCY,
                "prices": [
                    [
                        minor_of(face, item["currencyCode"]),
                        minor_of(cost_of(world, item, face), CURRENCY),
                    ]
                    for face in _faces(item)
                ],
            }
            for brand in brands_of(world)
            for item in brand["items"]
            for country in item["countries"]
        ]

    def reference(self, order: Order) -> str:
        """Write the reference of an order, such as RA261129-1-01."""
        return f"RA{order.created_at:%y%m%d}-{order.number}-01"

    def number(self, reference: str) -> int:
        """Read the number of an order out of a reference of it or of its line; 0 when none."""
        parts = reference.split("-")
        is_one = len(parts) == 3 and parts[1].isascii() and parts[1].isdigit()
        return int(parts[1]) if is_one and len(parts[1]) < 18 else 0

    def codes(self, world: World, order: Order) -> list[tuple[str, str | None]]:
        """Show the card of an order: a number with its PIN, or an address."""
        by_kind = {one["credentialType"]: one["value"] for one in _credentials(world, order)}
        number = by_kind.get("redemptionCode") or by_kind.get("redemptionUrl")
        return [(str(number), by_kind.get("pin"))]

    def order_message(self, world: World, order: Order, event_id: str) -> Json:
        """Report how far an order is."""
        about = {
            "externalRefID": order.key,
            "status": EVENT_STATUSES.get(order.status, "FAILED"),
            "referenceOrderId": self.reference(order),
            "accountIdentifier": ACCOUNT,
            "customerIdentifier": ACCOUNT,
        }
        return _message(world, event_id, "AsyncOrderStatus", "ORDER", about)

    def item_message(self, world: World, sku: str, event_id: str) -> Json:
        """Report whether an item is there."""
        is_gone = world.changes.get(sku) in ("withdraw", "out_of_stock")
        about = {"utid": sku, "availabilityStatus": "UNAVAILABLE" if is_gone else "AVAILABLE"}
        return _message(world, event_id, "ItemAvailability", "ITEM", about)

    def sign(self, body: bytes, secret: str) -> dict[str, str]:
        """Sign as a subscription with a shared secret has it, which is in Base64."""
        digest = hmac.digest(base64.b64decode(secret), body, hashlib.sha256)
        return {"X-Signed-Payload": base64.b64encode(digest).decode()}


def _message(world: World, event_id: str, kind: str, category: str, about: Json) -> Json:
    return {
        "eventId": event_id,
        "revision": len(world.book.events()) + 1,
        "category": category,
        "eventType": kind,
        "eventOccurredAt": world.clock.now().isoformat(),
        "eventData": about,
    }


def brands_of(world: World, country: str | None = None) -> Iterator[Json]:
    """Go through the brands that have items, all or in one country, as they have become."""
    for brand in world.catalogue["brands"]:
        items = [
            _changed(item, world.changes.get(item["utid"]))
            for item in brand["items"]
            if world.changes.get(item["utid"]) != "withdraw"
            and (country is None or country in item["countries"])
        ]
        if items:
            yield {**brand, "items": items}


def find_item(world: World, sku: Any) -> Json | None:
    """Find an item by its key."""
    items = (item for brand in brands_of(world) for item in brand["items"])
    return next((item for item in items if item["utid"] == sku), None)


def _changed(item: Json, change: str | None) -> Json:
    name = "faceValue" if item["valueType"] == "FIXED_VALUE" else "maxValue"
    if change == "out_of_stock":
        return {**item, "status": "inactive"}
    if change == "reprice":
        return {**item, name: item[name] + 1}
    if change == "control_character":
        return {**item, "rewardName": item["rewardName"] + "\x07"}
    if change == "unknown_currency":
        return {**item, "currencyCode": "XXX"}
    return {**item, name: item[name] + Decimal("0.00001")} if change == "too_many_digits" else item


def _faces(item: Json) -> list[Decimal]:
    names = ("faceValue",) if item["valueType"] == "FIXED_VALUE" else ("minValue", "maxValue")
    return [Decimal(item[name]) for name in names]


def cost_of(world: World, item: Json, face: Decimal) -> Decimal:
    """Tell what a face costs at the rate of the day."""
    rates = {one["rewardCurrency"]: one["baseFx"] for one in world.catalogue["exchangeRates"]}
    return (face * Decimal(rates[item["currencyCode"]])).quantize(CENT, ROUND_HALF_UP)


def line_key(order: Order) -> str:
    """The reference of the only line item of an order."""
    return f"LI{order.created_at:%y%m%d}-{order.number}-01"


def summary_view(world: World, order: Order) -> Json:
    """Show an order as lists do, without its credentials."""
    return {
        "referenceOrderID": world.shop.reference(order),
        "externalRefID": order.key,
        "customerIdentifier": ACCOUNT,
        "accountIdentifier": ACCOUNT,
        "amountCharged": {
            "value": order.cost,
            "currencyCode": order.currency,
            "total": order.cost,
            "fee": Decimal(0),
        },
        "denomination": {"value": order.face, "currencyCode": order.face_currency},
        "utid": order.sku,
        "sendEmail": False,
        "status": order.status,
        "notes": order.notes or None,
        "createdAt": order.created_at.isoformat(),
    }


def order_view(world: World, order: Order) -> Json:
    """Show an order with its credentials, once it has them."""
    credentials = _credentials(world, order)
    if order.status != "COMPLETE" or order.empty_left:
        credentials = []
    elif order.short_left:
        credentials = credentials[1:]
    reward = {
        "credentials": {one["label"]: one["value"] for one in credentials},
        "credentialList": credentials,
        "redemptionInstructions": INSTRUCTIONS,
    }
    return {**summary_view(world, order), "reward": reward}


def _credentials(world: World, order: Order) -> list[Json]:
    """The card of an order; numbers begin with zeros, as real ones may."""
    seed = hashlib.sha256(f"tango:{order.number}:{order.created_at.isoformat()}".encode()).digest()
    digits = int.from_bytes(seed[:8])
    secret = {
        "redemptionCode": ("Redemption code", "text", f"00{digits % 10**14:014d}"),
        "pin": ("PIN", "text", f"0{int.from_bytes(seed[8:12]) % 10**3:03d}"),
        "redemptionUrl": ("Redemption URL", "url", f"https://cards.example.com/r/{seed.hex()}"),
    }
    kinds = [
        item["credentialTypes"]
        for brand in world.catalogue["brands"]
        for item in brand["items"]
        if item["utid"] == order.sku
    ]
    found = [(kind, *secret[kind]) for kind in (kinds[0] if kinds else []) if kind in secret]
    found.append(("expirationDate", "Expires", "date", "2027-12-31T00:00:00Z"))
    return [
        {"credentialType": kind, "label": label, "type": shape, "value": value}
        for kind, label, shape, value in found
    ]
