"""Messages of Tango's are read when they are signed, and only then."""

import base64
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
    TangoSupplier,
    open_tango,
)
from payouts.money import Money
from tests.catalog.suppliers.shop import Inbox, ShopDouble
from tests.catalog.suppliers.tango.conftest import access

pytestmark = pytest.mark.asyncio
SAR_50 = Money(5000, "SAR")


def signed(body: bytes, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    digest = hmac.digest(base64.b64decode(secret), body, hashlib.sha256)
    return {"x-signed-payload": base64.b64encode(digest).decode()}


def message(**fields: Any) -> bytes:
    usual = {"eventId": "event-1", "revision": 1, "eventType": "AsyncOrderStatus"}
    return json.dumps({**usual, "eventData": {"externalRefID": "key-1"}, **fields}).encode()


async def test_an_order_that_comes_to_its_end_is_reported(
    supplier: TangoSupplier, double: ShopDouble, inbox: Inbox
) -> None:
    double.fault("pending_then_success")
    await supplier.place_order("key-1", "U700101", SAR_50, 1)
    await supplier.find_order("key-1")
    events = [supplier.read_event(*one) for one in inbox.wait(2)]
    assert [(one.subject, one.key, one.supplier_sku) for one in events] == [
        (EventSubject.ORDER, "key-1", None)
    ] * 2
    assert len({one.event_id for one in events}) == 2
    told = [json.loads(body)["eventData"]["status"] for _, body in inbox.messages]
    assert sorted(told) == ["RETRYING", "SUCCESSFUL"]


async def test_an_item_that_is_taken_off_sale_is_reported(
    supplier: TangoSupplier, double: ShopDouble, inbox: Inbox
) -> None:
    double.control("POST", "catalogue", {"sku": "U700101", "change": "out_of_stock"})
    ((headers, body),) = inbox.wait(1)
    event = supplier.read_event(headers, body)
    assert (event.subject, event.supplier_sku, event.key) == (EventSubject.ITEM, "U700101", None)


async def test_a_message_sent_twice_has_one_id(
    supplier: TangoSupplier, double: ShopDouble, inbox: Inbox
) -> None:
    inbox.refusals = 1
    await supplier.place_order("key-1", "U700101", SAR_50, 1)
    inbox.wait(1)
    double.control("POST", "webhooks/resend")
    first, second = (supplier.read_event(*one) for one in inbox.wait(2))
    assert first == second


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-signed-payload": ""},
        {"x-signed-payload": "%%%"},
        {"x-signed-payload": "\u0660"},
        signed(message(), base64.b64encode(b"another").decode()),
        signed(message(eventId="event-2")),
        {"x-signed-payload": hashlib.sha256(message()).hexdigest()},
    ],
)
async def test_a_message_that_is_not_authentic_is_refused(
    supplier: TangoSupplier, headers: dict[str, str]
) -> None:
    with pytest.raises(SupplierUnauthorised):
        supplier.read_event(headers, message())


@pytest.mark.parametrize("secrets", [(), (Secret(""),), (Secret("not base 64"),)])
async def test_without_a_usable_secret_nothing_is_authentic(
    double: ShopDouble, secrets: tuple[Secret, ...]
) -> None:
    supplier = open_tango(access(double, webhook_secrets=secrets))
    empty = base64.b64encode(hmac.digest(b"", message(), hashlib.sha256)).decode()
    for headers in (signed(message()), {"x-signed-payload": empty}):
        with pytest.raises(SupplierUnauthorised):
            supplier.read_event(headers, message())
    await supplier.aclose()


async def test_while_a_secret_is_replaced_both_are_good(double: ShopDouble) -> None:
    newer = base64.b64encode(b"newer").decode()
    both = (Secret(newer), Secret(WEBHOOK_SECRET))
    supplier = open_tango(access(double, webhook_secrets=both))
    expected = SupplierEvent("event-1", EventSubject.ORDER, key="key-1")
    assert supplier.read_event(signed(message()), message()) == expected
    assert supplier.read_event(signed(message(), newer), message()) == expected
    await supplier.aclose()


@pytest.mark.parametrize(
    ("fields", "subject"),
    [
        ({"eventTypes": ["AsyncOrderStatus"], "eventType": None}, EventSubject.OTHER),
        ({"eventType": ["AsyncOrderStatus"]}, EventSubject.ORDER),
        ({"eventType": ["AsyncOrderStatus", "x"]}, EventSubject.OTHER),
        ({"eventType": "LineItemDeliveryStatus"}, EventSubject.ORDER),
        ({"eventType": "LowBalance"}, EventSubject.OTHER),
        ({"eventType": {"a": []}}, EventSubject.OTHER),
        ({"eventData": None}, EventSubject.OTHER),
        ({"eventData": {"externalRefID": "x" * 101}}, EventSubject.OTHER),
        ({"eventType": "ItemAvailability"}, EventSubject.ITEM),
    ],
)
async def test_what_a_message_is_about_is_never_guessed(
    supplier: TangoSupplier, fields: dict[str, Any], subject: EventSubject
) -> None:
    body = message(**fields)
    event = supplier.read_event(signed(body), body)
    assert event.subject is subject
    assert event.key == ("key-1" if subject is EventSubject.ORDER else None)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"[" * 100_000, b'{"eventId":1}', b"\xff"])
async def test_a_message_that_cannot_be_read_is_said(supplier: TangoSupplier, body: bytes) -> None:
    with pytest.raises(SupplierAnswerInvalid):
        supplier.read_event(signed(body), body)
