"""Messages of Tremendous' are read when they are signed, and only then."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from api.doubles.order_events import WEBHOOK_SECRET
from catalog.suppliers import (
    EventSubject,
    Secret,
    SupplierAnswerInvalid,
    SupplierEvent,
    SupplierUnauthorised,
    TremendousSupplier,
    open_tremendous,
)
from payouts.money import Money
from tests.catalog.suppliers.shop import Inbox, ShopDouble
from tests.catalog.suppliers.tremendous.conftest import access

pytestmark = pytest.mark.asyncio
SKU, SAR_50 = "DUNES0000001-SAR", Money(5000, "SAR")


def signed(body: bytes, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"tremendous-webhook-signature": f"sha256={digest}"}


def message(**fields: Any) -> bytes:
    resource = {"id": "OR1", "type": "orders", "external_id": "key-1"}
    usual = {"event": "ORDERS.CREATED", "uuid": "event-1", "payload": {"resource": resource}}
    return json.dumps({**usual, **fields}).encode()


async def test_an_order_that_comes_to_its_end_is_reported(
    supplier: TremendousSupplier, double: ShopDouble, inbox: Inbox
) -> None:
    order = await supplier.place_order("key-1", SKU, SAR_50, 1)
    inbox.wait(1)
    await supplier.cancel_order(order.reference)
    events = [supplier.read_event(*one) for one in inbox.wait(2)]
    assert [(one.subject, one.key) for one in events] == [(EventSubject.ORDER, "key-1")] * 2
    assert len({one.event_id for one in events}) == 2
    told = [json.loads(body)["event"] for _, body in inbox.messages]
    assert told == ["ORDERS.CREATED", "ORDERS.CANCELED"]


async def test_a_product_that_is_taken_off_sale_is_reported(
    supplier: TremendousSupplier, double: ShopDouble, inbox: Inbox
) -> None:
    double.control("POST", "catalogue", {"sku": SKU, "change": "withdraw"})
    ((headers, body),) = inbox.wait(1)
    event = supplier.read_event(headers, body)
    assert (event.subject, event.key) == (EventSubject.ITEM, None)


async def test_a_message_sent_twice_has_one_id(
    supplier: TremendousSupplier, double: ShopDouble, inbox: Inbox
) -> None:
    double.control("POST", "webhooks", {"url": inbox.url, "copies": 2})
    await supplier.place_order("key-1", SKU, SAR_50, 1)
    first, second = (supplier.read_event(*one) for one in inbox.wait(2))
    assert first == second


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"tremendous-webhook-signature": ""},
        {"tremendous-webhook-signature": "sha256="},
        {"tremendous-webhook-signature": "\u0660"},
        {"tremendous-webhook-signature": signed(message())["tremendous-webhook-signature"][7:]},
        {"tremendous-webhook-signature": "sha256=" + hashlib.sha256(message()).hexdigest()},
        signed(message(), "another"),
        signed(message(uuid="event-2")),
    ],
)
async def test_a_message_that_is_not_authentic_is_refused(
    supplier: TremendousSupplier, headers: dict[str, str]
) -> None:
    with pytest.raises(SupplierUnauthorised):
        supplier.read_event(headers, message())


@pytest.mark.parametrize("secrets", [(), (Secret(""),)])
async def test_without_a_key_nothing_is_authentic(
    double: ShopDouble, secrets: tuple[Secret, ...]
) -> None:
    supplier = open_tremendous(access(double, webhook_secrets=secrets))
    for headers in (signed(message()), signed(message(), "")):
        with pytest.raises(SupplierUnauthorised):
            supplier.read_event(headers, message())
    await supplier.aclose()


async def test_while_a_key_is_replaced_both_are_good(double: ShopDouble) -> None:
    both = (Secret("newer"), Secret(WEBHOOK_SECRET))
    supplier = open_tremendous(access(double, webhook_secrets=both))
    expected = SupplierEvent("event-1", EventSubject.ORDER, key="key-1")
    for secret in ("newer", WEBHOOK_SECRET):
        assert supplier.read_event(signed(message(), secret), message()) == expected
    await supplier.aclose()


@pytest.mark.parametrize(
    ("fields", "subject", "key"),
    [
        ({"event": "ORDERS.FAILED"}, EventSubject.ORDER, "key-1"),
        ({"event": "REWARDS.CANCELED"}, EventSubject.ORDER, "key-1"),
        ({"event": "PRODUCTS.REMOVED"}, EventSubject.ITEM, None),
        ({"event": "INVOICES.PAID"}, EventSubject.OTHER, None),
        ({"event": "ORDERSX"}, EventSubject.OTHER, None),
        ({"event": None}, EventSubject.OTHER, None),
        ({"event": ["ORDERS.FAILED"]}, EventSubject.OTHER, None),
        ({"payload": None}, EventSubject.OTHER, None),
        ({"payload": {"resource": []}}, EventSubject.OTHER, None),
        ({"payload": {"resource": {"external_id": 1}}}, EventSubject.OTHER, None),
        ({"payload": {"resource": {"external_id": "x" * 101}}}, EventSubject.OTHER, None),
        ({"payload": {"meta": {"external_id": "key-2"}}}, EventSubject.ORDER, "key-2"),
    ],
)
async def test_what_a_message_is_about_is_never_guessed(
    supplier: TremendousSupplier, fields: dict[str, Any], subject: EventSubject, key: str | None
) -> None:
    body = message(**fields)
    assert supplier.read_event(signed(body), body) == SupplierEvent("event-1", subject, key=key)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"[" * 100_000, b'{"uuid":1}', b"\xff"])
async def test_a_message_that_cannot_be_read_is_said(
    supplier: TremendousSupplier, body: bytes
) -> None:
    with pytest.raises(SupplierAnswerInvalid):
        supplier.read_event(signed(body), body)
