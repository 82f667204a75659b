"""A described feed is fetched whole or not at all, and every failure has its class."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.doubles.feed_app import create_app
from catalog.suppliers import (
    AddressRefused,
    Capability,
    FeedAccess,
    FeedSupplier,
    Secret,
    SupplierAnswerInvalid,
    SupplierBusy,
    SupplierRefused,
    SupplierUnauthorised,
    open_feed,
    read_mapping,
)
from payouts.money import Money
from tests.catalog.suppliers.feed_doubles import TOKEN_OF_DOUBLE, FeedDouble, serving

COLUMNS: dict[str, Any] = {
    "sku": "sku",
    "name": "name",
    "brand": "brand",
    "country": {"constant": "SA"},
    "currency": {"constant": "SAR"},
    "faces": "value",
    "costs": "price",
}
MAPPING = read_mapping({"format": "csv", "fields": COLUMNS})


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[FeedDouble]:
    with serving(create_app, tmp_path) as double:
        yield double


def opened(shop: FeedDouble, **changes: Any) -> FeedSupplier:
    fields: dict[str, Any] = {
        "mapping": MAPPING,
        "url": shop.url("feed.csv"),
        "token": TOKEN_OF_DOUBLE,
        "trusted_origins": shop.trusted,
    }
    return open_feed(FeedAccess(**{**fields, **changes}))


@pytest.fixture
async def supplier(shop: FeedDouble) -> AsyncIterator[FeedSupplier]:
    made = opened(shop)
    yield made
    await made.aclose()


async def test_a_file_is_fetched_and_read(supplier: FeedSupplier) -> None:
    feed = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert [one.supplier_sku for one in feed.items] == ["JR-50", "JR-100", "EX-100", "NN-200"]
    assert feed.items[0].prices == ((Money(5_000, "SAR"), Money(4_850, "SAR")),)
    assert (feed.refused, feed.is_complete) == ((), True)


async def test_the_same_catalogue_in_json_is_the_same(shop: FeedDouble) -> None:
    mapping = read_mapping(
        {"format": "json", "list": "data.items", "numbers": "text", "fields": COLUMNS}
    )
    in_json = opened(shop, mapping=mapping, url=shop.url("feed.json"))
    in_csv = opened(shop)
    feeds = [one.read_feed(await one.fetch_feed("SA")) for one in (in_json, in_csv)]
    assert feeds[0] == feeds[1]
    for one in (in_json, in_csv):
        await one.aclose()


async def test_an_unchanged_file_is_not_given_again(
    supplier: FeedSupplier, shop: FeedDouble
) -> None:
    first = await supplier.fetch_file()
    assert (first.etag, first.raw is not None) == ('"feed.csv-1"', True)
    again = await supplier.fetch_file(etag=first.etag, last_modified=first.last_modified)
    assert (again.raw, again.etag) == (None, first.etag)
    shop.put("feed.csv", b"sku,name\r\n")
    changed = await supplier.fetch_file(etag=first.etag, last_modified=first.last_modified)
    assert (changed.raw, changed.etag) == (b"sku,name\r\n", '"feed.csv-2"')
    assert shop.counts() == {"file": 3, "given": 2, "unchanged": 1}


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("error_500_before", SupplierBusy),
        ("error_429", SupplierBusy),
        ("timeout_before", SupplierBusy),
        ("cut_short", SupplierBusy),
        ("not_found", SupplierRefused),
        ("no_content", SupplierAnswerInvalid),
    ],
)
async def test_every_failure_has_its_class(
    shop: FeedDouble, kind: str, error: type[Exception]
) -> None:
    made = opened(shop, deadline_seconds=0.5)
    shop.fault(kind)
    with pytest.raises(error):
        await made.fetch_feed("SA")
    assert len(made.read_feed(await made.fetch_feed("SA")).items) == 4
    await made.aclose()


async def test_a_file_without_end_is_let_go_of(
    supplier: FeedSupplier, shop: FeedDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.suppliers.feed_supplier.BYTES_MAX", 3 * 1024 * 1024)
    shop.fault("endless")
    with pytest.raises(SupplierBusy, match="too large"):
        await supplier.fetch_feed("SA")


async def test_a_redirect_is_refused_wherever_it_leads(
    supplier: FeedSupplier, shop: FeedDouble
) -> None:
    for place in ("http://169.254.169.254/latest/", shop.url("feed.json"), "//127.0.0.1/"):
        shop.fault("redirect", place=place)
        with pytest.raises(SupplierRefused) as caught:
            await supplier.fetch_feed("SA")
        assert caught.value.code == "REDIRECTED"
    assert shop.counts() == {"file": 3}


async def test_a_cut_file_is_read_to_where_it_is_cut(
    supplier: FeedSupplier, shop: FeedDouble
) -> None:
    shop.fault("malformed")
    feed = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert [one.supplier_sku for one in feed.items] == ["JR-50", "JR-100"]
    assert not feed.is_complete


async def test_a_wrong_token_is_not_accepted_and_is_shown_nowhere(
    shop: FeedDouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    token = "wrong-4711-token"
    access = FeedAccess(MAPPING, shop.url("feed.csv"), Secret(token), shop.trusted)
    made = open_feed(access)
    with pytest.raises(SupplierUnauthorised) as caught:
        await made.fetch_feed("SA")
    shown = repr(access) + repr(made) + repr(caught.value) + str(vars(caught.value)) + caplog.text
    assert token not in shown
    await made.aclose()


async def test_a_double_is_reached_only_where_it_is_trusted(shop: FeedDouble) -> None:
    made = opened(shop, trusted_origins=frozenset())
    with pytest.raises(AddressRefused):
        await made.fetch_feed("SA")
    assert shop.counts() == {}
    await made.aclose()


async def test_a_feed_without_an_address_is_not_fetched(shop: FeedDouble) -> None:
    made = opened(shop, url=None)
    with pytest.raises(SupplierRefused) as caught:
        await made.fetch_feed("SA")
    assert caught.value.code == "NO_ADDRESS"
    await made.aclose()


async def test_nothing_is_ordered_from_a_feed(supplier: FeedSupplier, shop: FeedDouble) -> None:
    assert supplier.capabilities == frozenset()
    assert Capability.ORDERS not in supplier.capabilities
    for asking in (
        supplier.place_order("key", "JR-50", Money(5_000, "SAR"), 1),
        supplier.find_order("key"),
        supplier.fetch_codes("1"),
        supplier.cancel_order("1"),
    ):
        with pytest.raises(SupplierRefused) as caught:
            await asking
        assert caught.value.code == "NOT_OFFERED"
    with pytest.raises(SupplierRefused):
        supplier.read_event({}, b"{}")
    assert shop.counts() == {}
