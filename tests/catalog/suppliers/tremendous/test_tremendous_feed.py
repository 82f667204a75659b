"""Tremendous' catalogue is read exactly, currency by currency, and what is unsound is refused."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.doubles.tremendous_app import CATALOGUE_FILE
from catalog.suppliers import (
    Denomination,
    FaceRange,
    Feed,
    FeedItem,
    FeedUnreadable,
    SupplierAnswerInvalid,
    SupplierRefused,
    TremendousSupplier,
    read_tremendous_feed,
)
from catalog.suppliers.exchange import Exchange
from payouts.money import Money
from tests.catalog.suppliers.shop import ShopDouble

CATALOGUE = json.loads(CATALOGUE_FILE.read_bytes())
SAUDI = {"country": "SA", "isWhole": True, **CATALOGUE}
SAUDI_SKUS = ["DUNES0000001-SAR", "DUNES0000002-SAR", "DUNES0000002-USD", "OPENROAD0001-USD"]


def feed_of(change: Callable[[dict[str, Any]], object] = lambda page: None) -> Feed:
    """Read the double's catalogue as of Saudi Arabia, changed."""
    page = json.loads(json.dumps(SAUDI))
    change(page)
    return read_tremendous_feed(json.dumps(page).encode())


def with_product(**changes: Any) -> Feed:
    """Read it with members of the first product replaced."""
    return feed_of(lambda page: page["products"][0].update(changes))


@pytest.mark.asyncio
async def test_the_feed_of_a_country_is_complete(supplier: TremendousSupplier) -> None:
    feed = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert [item.supplier_sku for item in feed.items] == SAUDI_SKUS
    assert (feed.refused, feed.is_complete, feed.remarks) == ((), True, ())
    assert {item.country for item in feed.items} == {"SA"}
    assert [item.digest for item in feed.items] == [item.digest for item in feed_of().items]
    kuwait = supplier.read_feed(await supplier.fetch_feed("KW"))
    assert [item.supplier_sku for item in kuwait.items] == ["PEARL0000001-KWD"]


@pytest.mark.asyncio
async def test_a_country_without_products_withdraws_nothing(supplier: TremendousSupplier) -> None:
    feed = supplier.read_feed(await supplier.fetch_feed("IS"))
    assert (feed.items, feed.is_complete) == ((), False)
    with pytest.raises(SupplierRefused):
        await supplier.fetch_feed("S/")


@pytest.mark.asyncio
async def test_a_withdrawn_item_is_gone(supplier: TremendousSupplier, double: ShopDouble) -> None:
    double.control("POST", "catalogue", {"sku": "DUNES0000002-SAR", "change": "withdraw"})
    feed = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert [item.supplier_sku for item in feed.items] == [SAUDI_SKUS[0], *SAUDI_SKUS[2:]]
    assert feed.is_complete


@pytest.mark.asyncio
async def test_every_price_is_as_the_double_lists_it(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    listed = double.control("GET", "catalogue")
    for country in ("SA", "AE", "KW", "JP", "US"):
        items = supplier.read_feed(await supplier.fetch_feed(country)).items
        told = {
            item.supplier_sku: [[face.minor, cost.minor] for face, cost in item.prices]
            for item in items
        }
        assert told == {one["sku"]: one["prices"] for one in listed if one["country"] == country}


def test_single_values_are_denominations_in_order() -> None:
    item = feed_of().items[0]
    assert (item.name, item.brand_name, item.brand_key) == (
        "Dunes Coffee",
        "Dunes Coffee",
        "DUNES0000001",
    )
    assert (item.category, item.face_currency, item.cost_currency) == (
        "merchant_card",
        "SAR",
        "USD",
    )
    assert item.denominations == (
        Denomination(Money(2500, "SAR"), Money(667, "USD")),
        Denomination(Money(5000, "SAR"), Money(1333, "USD")),
        Denomination(Money(10_000, "SAR"), Money(2667, "USD")),
    )
    assert item.logo_urls == ("https://cards.example.com/products/dunes0000001.png",)


def test_a_range_has_a_rate_of_twelve_digits() -> None:
    item = feed_of().items[1]
    assert item.face_range == FaceRange(
        Money(1000, "SAR"),
        Money(100_000, "SAR"),
        Money(1, "SAR"),
        Money(267, "USD"),
        Money(26_667, "USD"),
        Decimal("0.266666666667"),
    )
    assert item.cost_of(Money(1234, "SAR")) == Money(329, "USD")


def test_currencies_of_three_and_no_digits_are_exact() -> None:
    (dinar,) = feed_of(lambda page: page.update(country="KW")).items
    assert dinar.denominations == (Denomination(Money(1500, "KWD"), Money(488, "USD")),)
    (yen,) = feed_of(lambda page: page.update(country="JP")).items
    assert yen.face_range is not None
    assert (yen.face_range.min_face, yen.face_range.min_cost) == (
        Money(500, "JPY"),
        Money(321, "USD"),
    )


def test_texts_are_plain() -> None:
    items = feed_of().items
    assert items[0].instructions_concise == "Coffee & cake"
    assert items[0].instructions_verbose == (
        "Show the code\nat the till.\n\n\u2022 No cash\n\u2022 No returns"
    )
    assert (
        items[1].instructions_verbose
        == "\u0627\u062f\u0641\u0639 \u0628\u0627\u0644\u0631\u0645\u0632."
    )


def test_a_file_without_facts_is_of_all_countries_and_knows_dollars_only() -> None:
    raw = json.dumps({"products": CATALOGUE["products"]}).encode()
    feed = read_tremendous_feed(raw)
    road = [item.country for item in feed.items if item.supplier_sku == "OPENROAD0001-USD"]
    assert road == ["AE", "SA", "US"]
    assert {item.face_currency for item in feed.items} == {"USD"}
    assert {one.reasons[0].path for one in feed.refused} == {"currency"}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": None}, "name"),
        ({"name": "x\u0007"}, "name"),
        ({"category": 1}, "category"),
        ({"countries": []}, "countries"),
        ({"countries": [{"abbr": "SA"}, {"abbr": "XX"}]}, "countries.1"),
        ({"countries": [{"abbr": "SA"}, 1]}, "countries.1"),
        ({"skus": []}, "skus"),
        ({"skus": "x"}, "skus"),
        ({"skus": [1]}, "skus.0"),
        ({"skus": [{"min": 5, "max": 5, "currency_code": "XXX"}]}, "skus.0.currency_code"),
        ({"skus": [{"min": "5", "max": 5, "currency_code": "SAR"}]}, "skus.0.min"),
        ({"skus": [{"min": 5, "max": 5.001, "currency_code": "SAR"}]}, "skus.0.max"),
        ({"skus": [{"min": 6, "max": 5, "currency_code": "SAR"}]}, "skus.0.min"),
        ({"skus": [{"min": 0, "max": 5, "currency_code": "SAR"}]}, "skus.0.min"),
        ({"skus": [{"min": 0.01, "max": 0.01, "currency_code": "SAR"}]}, "skus"),
        ({"skus": [{"min": 5, "max": 5}, {"min": 5, "max": 5}]}, "skus"),
        ({"skus": [{"min": 5, "max": 5}, {"min": 6, "max": 9}]}, "skus"),
        ({"skus": [{"min": 1, "max": 5}, {"min": 6, "max": 9}]}, "skus"),
        ({"images": [{"src": "http://cards.example.com/x"}]}, "images.0"),
        ({"images": [{}]}, "images.0"),
        ({"images": "x"}, "images"),
        ({"disclosure": 1}, "disclosure"),
        ({"usage_instructions": "<p>&#8238;x</p>"}, "usage_instructions"),
        ({"usage_instructions": "x" * 19_990, "disclosure": "y" * 50}, "disclosure"),
    ],
)
def test_an_unsound_product_is_refused_alone(changes: dict[str, Any], path: str) -> None:
    feed = with_product(**changes)
    assert [item.supplier_sku for item in feed.items] == SAUDI_SKUS[1:]
    assert [(one.index, one.supplier_sku) for one in feed.refused] == [(0, SAUDI_SKUS[0])]
    assert feed.refused[0].reasons[0].path == path
    assert feed.is_complete


def test_values_without_a_currency_are_of_the_only_one() -> None:
    feed = with_product(skus=[{"min": 7, "max": 7}])
    assert feed.items[0].denominations[0].face == Money(700, "SAR")
    values = [{"min": 7, "max": 7}]
    several = feed_of(lambda page: page["products"][1].update(skus=values))
    assert {one.supplier_sku for one in several.refused} == set(SAUDI_SKUS[1:3])


@pytest.mark.parametrize(
    "changes",
    [
        *({"id": value} for value in (None, "../x", "X" * 90)),
        *({"currency_codes": value} for value in ([], "SAR", ["XXX"], [None])),
    ],
)
def test_what_says_not_which_item_it_is_withdraws_nothing(changes: dict[str, Any]) -> None:
    feed = with_product(**changes)
    assert [item.supplier_sku for item in feed.items] == SAUDI_SKUS[1:]
    assert len(feed.refused) == 1
    assert not feed.is_complete


def test_a_product_that_is_there_twice_is_taken_once() -> None:
    feed = feed_of(lambda page: page["products"].append({**page["products"][0], "name": "Other"}))
    assert [item.supplier_sku for item in feed.items] == SAUDI_SKUS
    assert feed.items[0].name == "Dunes Coffee"
    assert [reason.message for reason in feed.refused[0].reasons] == [
        "is the same as that of item 0",
        "differs from item 0 in name",
    ]


@pytest.mark.parametrize("rate", [None, "3.75", 0, -1, True, {}, 10**13])
def test_a_rate_that_cannot_be_used_is_not_there(rate: Any) -> None:
    feed = feed_of(lambda page: page["forex"].update(SAR=rate))
    assert [item.supplier_sku for item in feed.items] == SAUDI_SKUS[2:]
    assert {one.reasons[0].path for one in feed.refused} == {"currency"}


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/forex", "/products"])
async def test_an_answer_of_nonsense_is_said(
    supplier: TremendousSupplier, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    whole = Exchange.read

    async def nonsense(self: Exchange, url: str, *given: Any, **named: Any) -> bytes:
        raw = await whole(self, url, *given, **named)
        return b"<html>" if url.endswith(path) else raw

    monkeypatch.setattr(Exchange, "read", nonsense)
    with pytest.raises(SupplierAnswerInvalid):
        await supplier.fetch_feed("SA")


@pytest.mark.asyncio
async def test_a_damaged_answer_is_never_complete(
    supplier: TremendousSupplier, double: ShopDouble
) -> None:
    double.fault("malformed_json", place="feed")
    feed = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert not feed.is_complete
    assert feed.items


def assert_sound(item: FeedItem) -> None:
    assert item.prices
    for face, cost in item.prices:
        assert face.minor > 0
        assert cost.minor > 0
        assert (face.currency, cost.currency) == (item.face_currency, "USD")
    assert item.name
    (item.name + item.instructions_verbose + item.supplier_sku).encode()


COMPACT = json.dumps(SAUDI, ensure_ascii=False).encode()
MEMBERS = sorted({*SAUDI, *CATALOGUE["products"][0], *CATALOGUE["products"][0]["skus"][0]})
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(MEMBERS), values, min_size=1, max_size=3), st.integers(0, 3))
def test_no_value_anywhere_raises_or_yields_an_unsound_item(
    changes: dict[str, Any], level: int
) -> None:
    page = json.loads(json.dumps(SAUDI))
    product = page["products"][1]
    [page, product, product["skus"][0], page["forex"]][level].update(changes)
    try:
        feed = read_tremendous_feed(json.dumps(page).encode())
    except FeedUnreadable:
        return
    for item in feed.items:
        assert_sound(item)
    assert all(one.reasons for one in feed.refused)


edits = st.lists(
    st.tuples(st.integers(0, len(COMPACT)), st.integers(0, 12), st.binary(max_size=6)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=300, deadline=None)
@given(edits)
def test_no_damage_raises_or_yields_an_unsound_item(changes: list[tuple[int, int, bytes]]) -> None:
    raw = COMPACT
    for at, removed, added in changes:
        raw = raw[:at] + added + raw[at + removed :]
    try:
        feed = read_tremendous_feed(raw)
    except FeedUnreadable:
        return
    for item in feed.items:
        assert_sound(item)
