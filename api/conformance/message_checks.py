"""Messages of a supplier say what to look at again, and only the supplier can send them."""

import json
from typing import Any

from api.conformance.bench import Bench, require
from api.conformance.check import Checks
from api.conformance.order_checks import placed
from catalog.suppliers import (
    Capability,
    EventSubject,
    SupplierAnswerInvalid,
    SupplierEvent,
    SupplierUnauthorised,
)
from payouts.refusal import Refusal

MESSAGES = Checks("messages")
_NEEDS = (Capability.ORDERS, Capability.WEBHOOKS)


async def _message(bench: Bench, **fields: Any) -> tuple[str, dict[str, str], bytes]:
    """Order something and have the double write the message about it."""
    key = bench.new_key()
    order = await placed(bench, key)
    asked = {"order": order.reference, "event_id": str(bench.keys), **fields}
    message = await bench.double.control("POST", "message", asked)
    return key, message["headers"], message["body"].encode()


def _read(bench: Bench, headers: dict[str, str], body: bytes) -> SupplierEvent | Refusal:
    try:
        return bench.supplier.read_event(headers, body)
    except Refusal as refusal:
        return refusal


@MESSAGES.add(*_NEEDS, uses=("message",))
async def message_names_the_order(bench: Bench) -> None:
    """An authentic message says which order is to be looked at."""
    key, headers, body = await _message(bench)
    event = _read(bench, headers, body)
    is_about_it = isinstance(event, SupplierEvent) and event.subject is EventSubject.ORDER
    require(is_about_it and getattr(event, "key", None) == key, f"it is read as {event!r}")


@MESSAGES.add(*_NEEDS, uses=("message",))
async def message_sent_twice_is_one(bench: Bench) -> None:
    """A message that is sent twice has one id, by which it is recognised; others have others."""
    _, headers, body = await _message(bench)
    first, second = _read(bench, headers, body), _read(bench, headers, body)
    require(isinstance(first, SupplierEvent) and first == second, f"{first!r}, then {second!r}")
    other = _read(bench, *(await _message(bench))[1:])
    is_other = getattr(other, "event_id", None) != getattr(first, "event_id", None)
    require(is_other, "another message has the same id")


@MESSAGES.add(*_NEEDS, uses=("message",))
async def forged_message_is_refused(bench: Bench) -> None:
    """A message of somebody else's is not authentic."""
    for fields in ({"is_forged": True}, {}):
        _, headers, body = await _message(bench, **fields)
        if not fields:
            headers = {"content-type": "application/json"}
        event = _read(bench, headers, body)
        require(isinstance(event, SupplierUnauthorised), f"it is read as {event!r}")


@MESSAGES.add(*_NEEDS, uses=("message",))
async def message_without_agreement_is_refused(bench: Bench) -> None:
    """Without a secret that was agreed, no message is authentic, whatever it carries."""
    _, headers, body = await _message(bench)
    async with bench.reopened(webhook_secrets=()) as careless:
        for given in (headers, dict.fromkeys(headers, "")):
            try:
                event: object = careless.read_event(given, body)
            except Refusal as refusal:
                event = refusal
            require(isinstance(event, SupplierUnauthorised), f"it is read as {event!r}")


@MESSAGES.add(*_NEEDS, uses=("message",))
async def damaged_message_is_refused(bench: Bench) -> None:
    """A message that cannot be read is refused, and nothing else happens."""
    _, headers, body = await _message(bench)
    for damaged in (b"", body[: len(body) // 2], b"[]", b"{}", json.dumps({"id": [1]}).encode()):
        event = _read(bench, headers, damaged)
        kinds = (SupplierUnauthorised, SupplierAnswerInvalid)
        require(isinstance(event, kinds), f"{damaged[:20]!r} is read as {event!r}")
