"""What there is of an item is read from feeds, messages and refusals, each in its own words."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.clock import Clock
from api.doubles.graphql_app import create_app as create_brand
from api.doubles.order_events import WEBHOOK_SECRET
from api.doubles.suppliers_server import DOUBLES, account_at
from api.supply import OPENERS
from catalog.availability import Availability
from catalog.suppliers import (
    Feed,
    ItemAvailability,
    MappingInvalid,
    Supplier,
    SupplierEvent,
    SupplierRefused,
    read_mapping,
)
from catalog.suppliers.exchange import refusal
from payouts.money import Money
from tests.catalog.suppliers.feed_doubles import FeedDouble, serving
from tests.catalog.suppliers.shop import ShopDouble, served
from tests.catalog.suppliers.test_graphql_supplier import FIELDS, described, opened
from tests.catalog.suppliers.test_read_mapped_feed import (
    CSV,
    JSON,
    product,
    read_csv,
    read_json,
    reasons,
    row,
)
from tests.conftest import NOW

IN_STOCK, LOW, OUT, UNKNOWN = (
    Availability.IN_STOCK,
    Availability.LOW,
    Availability.OUT,
    Availability.UNKNOWN,
)
SKU = "U700101"


def of_column(cell: str, name: str = "availability") -> Feed:
    fields = {key: value for key, value in CSV["fields"].items() if key != "is_active"}  # type: ignore[attr-defined]
    return read_csv(row(On=cell), fields={**fields, name: "On"})


@pytest.mark.parametrize(
    ("cell", "level"),
    [
        ("in stock", IN_STOCK),
        ("IN_STOCK", IN_STOCK),
        ("yes", IN_STOCK),
        ("1", IN_STOCK),
        (" Limited ", LOW),
        ("low-stock", LOW),
        ("Out of stock", OUT),
        ("sold_out", OUT),
        ("false", OUT),
        ("unknown", UNKNOWN),
        ("", None),
    ],
)
def test_a_word_says_what_there_is(cell: str, level: Availability | None) -> None:
    (item,) = of_column(cell).items
    assert (item.availability, item.is_active) == (level, True)


@pytest.mark.parametrize(
    ("cell", "level"),
    [
        ("0", OUT),
        ("5", LOW),
        ("6", IN_STOCK),
        ("٦", IN_STOCK),
        ("12.0", IN_STOCK),
        ("-2", OUT),
        ("", None),
    ],
)
def test_a_number_says_what_there_is(cell: str, level: Availability | None) -> None:
    (item,) = of_column(cell, "stock").items
    assert item.availability is level


@pytest.mark.parametrize(
    ("name", "cell", "reason"),
    [
        (
            "availability",
            "perhaps",
            "On: must be in stock, low, out of stock, unknown, or true or false, is 'perhaps'",
        ),
        ("stock", "many", "On: must be a number, is 'many'"),
        ("stock", "1.5", "On: must be a whole number of cards, is '1.5'"),
        ("stock", "9" * 20, f"On: must be a whole number of cards, is {'9' * 20!r}"),
    ],
)
def test_what_is_no_availability_is_refused(name: str, cell: str, reason: str) -> None:
    feed = of_column(cell, name)
    assert (feed.items, reasons(feed)) == ((), [reason])


def test_json_says_it_as_truth_as_number_or_not_at_all() -> None:
    fields = JSON["fields"]
    said = read_json(
        product(there=True),
        product(id=8, there=False),
        product(id=9, there=None),
        product(id=10),
        fields={**fields, "availability": "there"},  # type: ignore[dict-item]
    )
    assert [one.availability for one in said.items] == [IN_STOCK, OUT, None, None]
    counted = read_json(
        product(left=0),
        product(id=8, left=7),
        fields={**fields, "stock": "left"},  # type: ignore[dict-item]
    )
    assert [one.availability for one in counted.items] == [OUT, IN_STOCK]
    # Stock is no content: by its digest an item is the same.
    plain = read_json(product(), product(id=8))
    assert [one.digest for one in counted.items] == [one.digest for one in plain.items]


def test_a_description_names_one_of_both() -> None:
    fields = {**CSV["fields"], "availability": "On", "stock": "Off"}  # type: ignore[dict-item]
    with pytest.raises(MappingInvalid) as refused:
        read_mapping({**CSV, "fields": fields})
    assert refused.value.path == ("fields", "stock")


@pytest.fixture
def brand(tmp_path: Path) -> Iterator[FeedDouble]:
    with serving(create_brand, tmp_path) as double:
        yield double


async def test_a_brands_own_endpoint_says_what_is_out_and_it_stays_listed(
    brand: FeedDouble,
) -> None:
    fields = {name: path for name, path in FIELDS.items() if name != "is_active"}
    mapping = described(fields={**fields, "availability": "available"})
    supplier = opened(brand, mapping=mapping)
    feed = supplier.read_feed(await supplier.fetch_all())
    await supplier.aclose()
    assert (len(feed.items), feed.refused) == (25, ())
    assert all(one.is_active for one in feed.items)
    out = [one.supplier_sku for one in feed.items if one.availability is OUT]
    assert out == ["gid-009", "gid-019"]


@pytest.fixture
def tango(tmp_path: Path) -> Iterator[ShopDouble]:
    clock = Clock(tmp_path / "clock")
    (tmp_path / "clock").write_text(NOW.isoformat())
    with served(DOUBLES["tango"](tmp_path / "state", clock)) as url:
        yield ShopDouble(url, clock)


def shop_of(double: ShopDouble, name: str) -> Supplier:
    account = replace(account_at(name, double.url), order_deadline_seconds=2.0)
    return OPENERS[name](account, double.clock.now)


async def test_tangos_catalogue_says_what_is_in_stock(tango: ShopDouble) -> None:
    supplier = shop_of(tango, "tango")
    tango.control("POST", "catalogue", {"sku": SKU, "change": "out_of_stock"})
    feed = supplier.read_feed(await supplier.fetch_feed("SA"))
    await supplier.aclose()
    levels = {one.supplier_sku: (one.is_active, one.availability) for one in feed.items}
    assert levels.pop(SKU) == (False, OUT)
    assert set(levels.values()) == {(True, IN_STOCK)}


def signed(event: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    body = json.dumps(event).encode()
    digest = hmac.digest(base64.b64decode(WEBHOOK_SECRET), body, hashlib.sha256)
    return {"x-signed-payload": base64.b64encode(digest).decode()}, body


def item_event(**changes: Any) -> dict[str, Any]:
    usual = {
        "eventId": "event-1",
        "revision": 41,
        "eventType": "ItemAvailability",
        "category": "ITEM",
        "eventOccurredAt": "2026-03-15T12:00:00.250+03:00",
        "eventData": {"utid": SKU, "availabilityStatus": "UNAVAILABLE"},
    }
    return {**usual, **changes}


AT = datetime(2026, 3, 15, 9, 0, 0, 250_000, tzinfo=UTC)


async def read(tango: ShopDouble, event: dict[str, Any]) -> SupplierEvent:
    supplier = shop_of(tango, "tango")
    try:
        return supplier.read_event(*signed(event))
    finally:
        await supplier.aclose()


@pytest.mark.parametrize(
    ("status", "level"),
    [("AVAILABLE", IN_STOCK), ("DEGRADED", LOW), ("UNAVAILABLE", OUT), ("DEPRECATED", OUT)],
)
async def test_a_message_says_what_there_is_and_as_of_when(
    tango: ShopDouble, status: str, level: Availability
) -> None:
    told = await read(tango, item_event(eventData={"utid": SKU, "availabilityStatus": status}))
    assert told.said == ItemAvailability(SKU, level, AT, sequence=41)


@pytest.mark.parametrize(
    "changes",
    [
        {"eventData": {"utid": SKU}},
        {"eventData": {"utid": SKU, "availabilityStatus": "MAYBE"}},
        {"eventData": {"utid": SKU, "availabilityStatus": ["AVAILABLE"]}},
        {"eventData": {"utid": "a b", "availabilityStatus": "AVAILABLE"}},
        {"eventData": None},
        {"eventOccurredAt": None},
        {"eventOccurredAt": "yesterday"},
        {"eventOccurredAt": "2026-03-15T12:00:00"},  # of which place?
        {"eventOccurredAt": "0001-01-01T00:00:00+14:00"},
        {"eventOccurredAt": 1_773_565_200},
    ],
)
async def test_a_message_that_does_not_say_what_or_when_says_nothing(
    tango: ShopDouble, changes: dict[str, Any]
) -> None:
    assert (await read(tango, item_event(**changes))).said is None


@pytest.mark.parametrize("revision", [None, "41", -1, 2**63, True, 1.0])
async def test_a_place_that_cannot_be_counted_is_none(tango: ShopDouble, revision: Any) -> None:
    told = await read(tango, item_event(revision=revision))
    assert told.said == ItemAvailability(SKU, OUT, AT)


@pytest.mark.parametrize("name", ["reloadly", "tango"])
async def test_a_refusal_for_want_of_stock_is_told_from_others(tmp_path: Path, name: str) -> None:
    clock = Clock(tmp_path / "clock")
    (tmp_path / "clock").write_text(NOW.isoformat())
    sku = {"reloadly": "7001", "tango": SKU}[name]
    with served(DOUBLES[name](tmp_path / "state", clock)) as url:
        double = ShopDouble(url, clock)
        supplier = shop_of(double, name)
        for kind, is_out in (("out_of_stock", True), ("withdrawn_item", False)):
            double.fault(kind)
            with pytest.raises(SupplierRefused) as refused:
                await supplier.place_order(f"key-{kind}", sku, Money(5_000, "SAR"), 1)
            assert refused.value.is_out_of_stock is is_out
        await supplier.aclose()
        assert double.orders() == []


@pytest.mark.parametrize(
    ("code", "message", "is_out"),
    [
        ("PRODUCT_OUT_OF_STOCK", None, True),
        (None, "Sorry, out of stock!", True),
        ("out-of-stock", "", True),
        (None, "The product is not available now", False),
        ("STOCK_LIMIT", "stockout", False),
        (7, ["out of stock"], False),
    ],
)
def test_plain_words_alone_are_believed(code: Any, message: Any, is_out: bool) -> None:
    assert refusal(code, message, status=422).is_out_of_stock is is_out
