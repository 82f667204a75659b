"""Proves that a message comes from Stripe."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from payouts.rails.errors import SignatureInvalid
from payouts.rails.port import ProviderEvent

TOLERANCE_SECONDS = 300
HEADER_BYTES_MAX = 4096


def verify_signature(
    body: bytes, header: str, secrets: Sequence[str], now: datetime
) -> ProviderEvent:
    """Check the signature of a raw message against any of the secrets and read its envelope.

    Age is measured on the clock given: the SDK's own check reads the machine's, which a test
    cannot set. Refuses with SignatureInvalid; duplicates and order are the reader's concern.
    """
    stamp, signatures = _read_header(header)
    age = abs(int(now.timestamp()) - stamp)
    if age > TOLERANCE_SECONDS:
        raise SignatureInvalid(age_seconds=age)
    signed = str(stamp).encode() + b"." + body
    if not _matches_any(signed, signatures, secrets):
        raise SignatureInvalid
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise SignatureInvalid("The signed message is not JSON.") from None
    return read_event(event)


def _read_header(header: str) -> tuple[int, list[bytes]]:
    if len(header) > HEADER_BYTES_MAX or not header.isascii():
        raise SignatureInvalid
    stamps: list[str] = []
    signatures: list[bytes] = []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            stamps.append(value)
        elif name == "v1":
            signatures.append(value.encode())
    if len(stamps) != 1 or not stamps[0].isdigit() or len(stamps[0]) > 12 or not signatures:
        raise SignatureInvalid
    # The text is signed as written, so only the canonical writing of the number is taken.
    if str(int(stamps[0])) != stamps[0]:
        raise SignatureInvalid
    return int(stamps[0]), signatures


def _matches_any(signed: bytes, signatures: list[bytes], secrets: Sequence[str]) -> bool:
    found = False
    for secret in secrets:
        if not secret:
            continue  # an unset secret would let anybody sign
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
        for signature in signatures:
            found |= hmac.compare_digest(expected, signature)
    return found


def read_event(event: Any) -> ProviderEvent:
    """Read the envelope of an event; its content is only a hint of what to look up."""
    try:
        data = event["data"]["object"]
        return ProviderEvent(
            id=_text(event["id"]),
            type=_text(event["type"]),
            account=event.get("account"),
            object_id=data.get("id"),
            object_type=data.get("object"),
            created=datetime.fromtimestamp(event["created"], UTC),
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
        raise SignatureInvalid("The signed message is not an event.") from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("an event is named by text")
    return value
