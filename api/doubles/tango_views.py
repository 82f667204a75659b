"""How the Tango double shows its orders, and the cards that it delivers."""

import hashlib
from decimal import Decimal
from typing import Any

from api.doubles.order_book import Order
from api.doubles.order_world import Json, World

ACCOUNT = "mizan-demo"
INSTRUCTIONS = "<p>Show the code.</p>"


def order_key(order: Order) -> str:
    """The reference of an order."""
    return f"RA{order.created_at:%y%m%d}-{order.number}-01"


def line_key(order: Order) -> str:
    """The reference of its only line item."""
    return f"LI{order.created_at:%y%m%d}-{order.number}-01"


def order_number(reference: str | None) -> int:
    """Read the number of an order out of a reference of it or of its line; 0 when it is none."""
    parts = (reference or "").split("-")
    is_one = len(parts) == 3 and parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 18
    return int(parts[1]) if is_one else 0


def summary_view(order: Order) -> Json:
    """Show an order as lists do, without its credentials."""
    return {
        "referenceOrderID": order_key(order),
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
    kinds = [
        item["credentialTypes"]
        for brand in world.catalogue["brands"]
        for item in brand["items"]
        if item["utid"] == order.sku
    ]
    credentials = _credentials(order, kinds[0] if kinds else [])
    if order.status != "COMPLETE" or order.empty_left:
        credentials = []
    elif order.short_left:
        credentials = credentials[1:]
    reward = {
        "credentials": {one["label"]: one["value"] for one in credentials},
        "credentialList": credentials,
        "redemptionInstructions": INSTRUCTIONS,
    }
    return {**summary_view(order), "reward": reward}


def _credentials(order: Order, kinds: Any) -> list[Json]:
    """The card of an order; numbers begin with zeros, as real ones may."""
    seed = hashlib.sha256(f"tango:{order.number}:{order.created_at.isoformat()}".encode()).digest()
    digits = int.from_bytes(seed[:8])
    secret = {
        "redemptionCode": ("Redemption code", "text", f"00{digits % 10**14:014d}"),
        "pin": ("PIN", "text", f"0{int.from_bytes(seed[8:12]) % 10**3:03d}"),
        "redemptionUrl": ("Redemption URL", "url", f"https://cards.example.com/r/{seed.hex()}"),
    }
    found = [(kind, *secret[kind]) for kind in kinds if kind in secret]
    found.append(("expirationDate", "Expires", "date", "2027-12-31T00:00:00Z"))
    return [
        {"credentialType": kind, "label": label, "type": shape, "value": value}
        for kind, label, shape, value in found
    ]
