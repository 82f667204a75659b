"""A message is authentic by the key it carries, and says what to look at, never what is so."""

import json
from typing import Any

import pytest

from catalog.suppliers import (
    EventSubject,
    Secret,
    SupplierAnswerInvalid,
    SupplierEvent,
    SupplierUnauthorised,
    open_xoxoday,
)
from tests.catalog.suppliers.xoxoday.conftest import Double

pytestmark = pytest.mark.asyncio
KEYS = (Secret("newkey0123456789"), Secret("oldkey0123456789"))
BODY: dict[str, Any] = {
    "id": 41,
    "data": {"orderId": 7, "poNumber": "key-1", "deliveryStatus": "delivered"},
    "createdAt": "2026-05-04 10:00:00",
}


async def read(
    double: Double, headers: dict[str, str], body: Any, keys: Any = KEYS
) -> SupplierEvent:
    supplier = open_xoxoday(double.access(webhook_keys=keys), double.clock.now)
    try:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return supplier.read_event(headers, raw)
    finally:
        await supplier.aclose()


@pytest.mark.parametrize("key", ["newkey0123456789", "oldkey0123456789"])
async def test_either_key_is_good_while_one_is_replaced(double: Double, key: str) -> None:
    event = await read(double, {"x-api-key": key}, BODY)
    assert event == SupplierEvent("41", EventSubject.ORDER, "key-1")


@pytest.mark.parametrize(
    ("headers", "keys"),
    [
        ({}, KEYS),
        ({"x-api-key": ""}, KEYS),
        ({"x-api-key": "newkey012345678"}, KEYS),
        ({"x-api-key": "newkey0123456789 "}, KEYS),
        ({"x-api-key": "\udcff"}, KEYS),
        ({"authorization": "newkey0123456789"}, KEYS),
        ({"x-api-key": "newkey0123456789"}, ()),
        ({"x-api-key": ""}, ()),
        ({}, ()),
    ],
)
async def test_others_are_not_authentic(double: Double, headers: dict[str, str], keys: Any) -> None:
    with pytest.raises(SupplierUnauthorised):
        await read(double, headers, BODY, keys)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        {},
        {**BODY, "id": "x"},
        {**BODY, "id": 1.5},
        {**BODY, "data": []},
        b"x" * 70_000,
    ],
)
async def test_what_cannot_be_read_is_refused(double: Double, body: Any) -> None:
    with pytest.raises(SupplierAnswerInvalid):
        await read(double, {"x-api-key": "newkey0123456789"}, body)


async def test_a_key_that_is_none_is_not_told(double: Double) -> None:
    for key in (None, 7, "", "k" * 101):
        body = {**BODY, "data": {"orderId": 7, "poNumber": key}}
        event = await read(double, {"x-api-key": "newkey0123456789"}, body)
        assert event == SupplierEvent("41", EventSubject.ORDER, None)
