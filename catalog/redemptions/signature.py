"""What the signature of a quote is over."""

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from catalog.redemptions.model import Quote
from payouts.money import Money, Points

FORM = "mizan quote 1"


def content_of(quote: Quote, *, network_id: int) -> bytes:
    """Write a quote and its network in one way only; every fact of it but the signature is there.

    What is not set is left out, so that a fact that quotes get later leaves those of before as
    they were signed.
    """
    told = _plain(quote)
    told.pop("signature", None)
    document = {"form": FORM, "network": network_id, "quote": told}
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return [value.currency, str(value.minor)]
    if isinstance(value, Points):
        return str(value.minor)
    if is_dataclass(value) and not isinstance(value, type):
        told = {one.name: getattr(value, one.name) for one in fields(value)}
        return {name: _plain(one) for name, one in told.items() if one is not None}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Enum):
        return value.value
    assert isinstance(value, str | int | UUID), f"a quote has no {type(value).__name__}"
    return str(value)
