"""Tango's catalogue is read exactly, country by country, and what is unsound is refused."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.doubles.tango_app import CATALOGUE_FILE
from catalog.suppliers import (
    Denomination,
    FaceRange,
    Feed,
    FeedItem,
    FeedUnreadable,
    RefusedItem,
    SupplierAnswerInvalid,
    SupplierRefused,
    TangoSupplier,
    read_tango_feed,
)
from catalog.suppliers.exchange import Exchange
from payouts.money import Money
from tests.catalog.suppliers.shop import ShopDouble

CATALOGUE = json.loads(CATALOGUE_FILE.read_bytes())
SAUDI = {"country": "SA", "currency": "USD", "isWhole": True, **CATALOGUE}
WHOLE = {
    "valueType": "VARIABLE_VALUE",
    "minValue": 5,
    "maxValue": 9,
    "isWholeAmountValueRequired": True,
}
SAUDI_SKUS = ["U700101", "U700102", "U700103", "U700110", "U700100", "U700130", "U700150"]


def feed_of(change: Callable[[dict[str, Any]], object] = lambda page: None) -> Feed:
    """Read the double's catalogue as of Saudi Arabia, changed."""
    page = json.loads(json.dumps(SAUDI))
    change(page)
    return read_tango_feed(json.dumps(page).encode())


def with_item(**changes: Any) -> Feed:
    """Read it with members of the first item replaced."""
    return feed_of(lambda page: page["brands"][0]["items"][0].update(changes))


def with_brand(**changes: Any) -> Feed:
    """Read it with members of the first brand replaced."""
    return feed_of(lambda page: page["brands"][0].update(changes))


def only_refusal(feed: Feed) -> RefusedItem:
    """The refusal of the first item, when every other one was taken."""
    assert [item.supplier_sku for item in feed.items] == SAUDI_SKUS[1:]
    assert [one.index for one in feed.refused] == [0]
    return feed.refused[0]


@pytest.mark.asyncio
async def test_the_feed_of_a_country_is_complete(supplier: TangoSupplier) -> None:
    feed = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert [item.supplier_sku for item in feed.items] == SAUDI_SKUS
    assert (feed.refused, feed.is_complete, feed.remarks) == ((), True, ())
    assert {item.country for item in feed.items} == {"SA"}
    assert feed == feed_of()
    again = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert [item.digest for item in again.items] == [item.digest for item in feed.items]
    emirates = supplier.read_feed(await supplier.fetch_feed("AE"))
    assert [item.supplier_sku for item in emirates.items] == ["U700110", "U700100"]


@pytest.mark.asyncio
async def test_a_country_without_items_withdraws_nothing(supplier: TangoSupplier) -> None:
    feed = supplier.read_feed(await supplier.fetch_feed("IS"))
    assert (feed.items, feed.is_complete) == ((), False)
    with pytest.raises(SupplierRefused):
        await supplier.fetch_feed("S/")


@pytest.mark.asyncio
async def test_an_item_out_of_stock_is_there_and_not_on_sale(
    supplier: TangoSupplier, double: ShopDouble
) -> None:
    double.control("POST", "catalogue", {"sku": "U700101", "change": "out_of_stock"})
    feed = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert [item.supplier_sku for item in feed.items] == SAUDI_SKUS
    assert [item.supplier_sku for item in feed.items if not item.is_active] == ["U700101"]
    double.control("POST", "catalogue", {"sku": "U700101", "change": "withdraw"})
    feed = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert [item.supplier_sku for item in feed.items] == SAUDI_SKUS[1:]
    assert feed.is_complete


@pytest.mark.asyncio
async def test_every_price_is_as_the_double_lists_it(
    supplier: TangoSupplier, double: ShopDouble
) -> None:
    listed = double.control("GET", "catalogue")
    for country in ("SA", "KW", "JP"):
        items = supplier.read_feed(await supplier.fetch_feed(country)).items
        told = {
            item.supplier_sku: [[face.minor, cost.minor] for face, cost in item.prices]
            for item in items
        }
        assert told == {one["sku"]: one["prices"] for one in listed if one["country"] == country}


def test_a_fixed_item_costs_its_face_at_the_rate() -> None:
    item = feed_of().items[0]
    assert (item.name, item.brand_key, item.brand_name) == (
        "Nakheel Market 50",
        "B700101",
        "Nakheel Market",
    )
    assert (item.face_currency, item.cost_currency) == ("SAR", "USD")
    assert item.denominations == (Denomination(Money(5000, "SAR"), Money(1334, "USD")),)
    assert (item.fee, item.fee_percent) == (Money(0, "USD"), Decimal(0))
    assert item.logo_urls == (
        "https://cards.example.com/logos/b700101-300.png",
        "https://cards.example.com/logos/b700101-80.png",
    )


def test_a_range_has_the_rate_and_both_bounds() -> None:
    item = feed_of().items[2]
    assert item.face_range == FaceRange(
        Money(1000, "SAR"),
        Money(50_000, "SAR"),
        Money(1, "SAR"),
        Money(267, "USD"),
        Money(13_335, "USD"),
        Decimal("0.2667"),
    )
    assert item.cost_of(Money(1234, "SAR")) == Money(329, "USD")


def test_an_item_of_whole_amounts_has_those_between_its_bounds() -> None:
    harbour = feed_of().items[3]
    assert harbour.face_range == FaceRange(
        Money(500, "USD"),
        Money(25_000, "USD"),
        Money(100, "USD"),
        Money(500, "USD"),
        Money(25_000, "USD"),
        Decimal(1),
    )
    assert harbour.cost_of(Money(1000, "USD")) == Money(1000, "USD")
    assert harbour.cost_of(Money(1001, "USD")) is None

    def harbour_with(**changes: Any) -> FeedItem:
        return feed_of(lambda page: page["brands"][1]["items"][0].update(changes)).items[3]

    narrow = harbour_with(minValue=5.01, maxValue=9.99)
    assert narrow.face_range is not None
    assert (narrow.face_range.min_face, narrow.face_range.max_face) == (
        Money(600, "USD"),
        Money(900, "USD"),
    )
    assert harbour_with(isWholeAmountValueRequired=False).digest != harbour.digest


def test_currencies_of_three_and_no_digits_are_exact() -> None:
    dinar = next(item for item in feed_of().items if item.supplier_sku == "U700130")
    assert dinar.denominations == (Denomination(Money(4500, "KWD"), Money(1463, "USD")),)
    japan = feed_of(lambda page: page.update(country="JP")).items
    assert japan[0].denominations == (Denomination(Money(1000, "JPY"), Money(641, "USD")),)


def test_texts_are_plain() -> None:
    items = feed_of().items
    assert items[0].instructions_concise == "Groceries & more"
    assert items[0].instructions_verbose == (
        "Show the card at any till, or:\n\n\u2022 Open the app\n\u2022 Choose \u201cAdd a card\u201d"
        "\n\nValid for 12\u00a0months. Not for cash."
    )
    assert items[2].instructions_verbose.startswith("\u0627\u0641\u062a\u062d \u0627\u0644\u062a")
    for item in items:
        assert "<" not in item.instructions_verbose + item.instructions_concise


def test_a_file_without_a_country_is_of_all_countries() -> None:
    feed = feed_of(lambda page: page.pop("country"))
    assert feed.is_complete
    choice = [item for item in feed.items if item.supplier_sku == "U700100"]
    assert [item.country for item in choice] == ["AE", "SA", "US"]
    assert len({item.digest for item in choice}) == 3


def test_a_file_without_a_currency_has_no_costs() -> None:
    feed = read_tango_feed(CATALOGUE_FILE.read_bytes())
    assert (feed.items, len(feed.refused)) == ((), 19)
    assert {one.reasons[0].path for one in feed.refused} == {"currency"}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"utid": None}, "utid"),
        ({"utid": "U7/../x"}, "utid"),
        ({"utid": "U" * 81}, "utid"),
        ({"utid": 700101}, "utid"),
        ({"rewardName": ""}, "rewardName"),
        ({"rewardName": "x\u202ey"}, "rewardName"),
        ({"currencyCode": "XXX"}, "currencyCode"),
        ({"currencyCode": "CHF"}, "currencyCode"),  # no rate
        ({"valueType": "OPEN"}, "valueType"),
        ({"faceValue": "50"}, "faceValue"),
        ({"faceValue": 50.001}, "faceValue"),
        ({"faceValue": -50}, "faceValue"),
        ({"faceValue": 0.01}, "faceValue"),  # costs nothing
        ({"faceValue": True}, "faceValue"),
        ({"faceValue": None}, "faceValue"),
        ({"faceValue": 1e13}, "faceValue"),
        ({"valueType": "VARIABLE_VALUE", "minValue": 10, "maxValue": 5}, "minValue"),
        ({"valueType": "VARIABLE_VALUE", "minValue": 10}, "maxValue"),
        ({**WHOLE, "minValue": 5.2, "maxValue": 5.8}, "minValue"),
        ({**WHOLE, "isWholeAmountValueRequired": 1}, "isWholeAmountValueRequired"),
        ({"countries": []}, "countries"),
        ({"countries": "SA"}, "countries"),
        ({"countries": ["SA", "XX"]}, "countries.1"),
        ({"countries": ["SA", 1]}, "countries.1"),
        ({"countries": ["AE", 1]}, "countries.1"),
        ({"status": 1}, "status"),
        ({"redemptionInstructions": 1}, "redemptionInstructions"),
        ({"redemptionInstructions": "<p>&#8238;x</p>"}, "redemptionInstructions"),
        ({"redemptionInstructions": "x\u0001"}, "redemptionInstructions"),
        ({"redemptionInstructions": "x" * 20_001}, "redemptionInstructions"),
        ({"redemptionInstructions": "x" * 19_990}, "brand.terms"),
    ],
)
def test_an_unsound_item_is_refused_alone(changes: dict[str, Any], path: str) -> None:
    refused = only_refusal(with_item(**changes))
    assert refused.reasons[0].path == path


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"brandKey": None}, "brand.brandKey"),
        ({"brandName": 1}, "brand.brandName"),
        ({"terms": ["x"]}, "brand.terms"),
        ({"status": []}, "brand.status"),
        ({"imageUrls": {"80w": "http://cards.example.com/x"}}, "brand.imageUrls.0"),
        ({"imageUrls": {"80w": None}}, "brand.imageUrls.0"),
        ({"imageUrls": "x"}, "brand.imageUrls"),
    ],
)
def test_an_unsound_brand_loses_its_items_alone(changes: dict[str, Any], path: str) -> None:
    feed = with_brand(**changes)
    assert [item.supplier_sku for item in feed.items] == SAUDI_SKUS[3:]
    assert {one.supplier_sku for one in feed.refused} == set(SAUDI_SKUS[:3])
    assert {one.reasons[0].path for one in feed.refused} == {path}
    assert feed.is_complete


@pytest.mark.parametrize("brand", [None, 1, {}, {"items": None}, {"items": [1]}])
def test_what_says_not_which_item_it_is_withdraws_nothing(brand: Any) -> None:
    feed = feed_of(lambda page: page["brands"].append(brand))
    assert [item.supplier_sku for item in feed.items] == SAUDI_SKUS
    assert len(feed.refused) == 1
    assert not feed.is_complete


def test_a_sku_that_is_there_twice_is_taken_once() -> None:
    feed = with_item(utid="U700102")
    assert feed.items[0].supplier_sku == "U700102"
    assert feed.items[0].denominations[0].face == Money(5000, "SAR")
    assert [one.index for one in feed.refused] == [1]
    assert feed.refused[0].reasons[0].message == "is the same as that of item 0"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"isWhole": False}, "isWhole"),
        ({"country": "XX"}, "country"),
        ({"currency": 1}, "currency"),
    ],
)
def test_damaged_facts_withdraw_nothing(change: dict[str, Any], path: str) -> None:
    feed = feed_of(lambda page: page.update(change))
    assert not feed.is_complete
    assert feed.remarks[0].path == path


@pytest.mark.parametrize("rate", [None, "1", 0, -1, 10**7, 1e-13, True, {}])
def test_a_rate_that_cannot_be_used_is_not_there(rate: Any) -> None:
    feed = feed_of(lambda page: page["exchangeRates"][0].update(baseFx=rate))
    assert {item.supplier_sku for item in feed.items} == {"U700110", "U700100", "U700130"}
    assert {one.reasons[0].path for one in feed.refused} == {"currencyCode"}


@pytest.mark.asyncio
async def test_a_damaged_answer_is_never_complete(
    supplier: TangoSupplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Exchange.read

    async def cut(self: Exchange, url: str, *given: Any, **named: Any) -> bytes:
        raw = await whole(self, url, *given, **named)
        return raw[: len(raw) // 2] if url.endswith("/catalogs") else raw

    monkeypatch.setattr(Exchange, "read", cut)
    feed = supplier.read_feed(await supplier.fetch_feed("SA"))
    assert not feed.is_complete
    assert feed.items


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["/accounts/mizan-demo", "/exchangerates", "/catalogs"])
async def test_an_answer_of_nonsense_is_said(
    supplier: TangoSupplier, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    whole = Exchange.read

    async def nonsense(self: Exchange, url: str, *given: Any, **named: Any) -> bytes:
        raw = await whole(self, url, *given, **named)
        return b"<html>" if url.endswith(path) else raw

    monkeypatch.setattr(Exchange, "read", nonsense)
    with pytest.raises(SupplierAnswerInvalid):
        await supplier.fetch_feed("SA")


def assert_sound(item: FeedItem) -> None:
    assert item.prices
    for face, cost in item.prices:
        assert face.minor > 0
        assert cost.minor > 0
        assert (face.currency, cost.currency) == (item.face_currency, item.cost_currency)
    assert item.name
    assert "<p" not in item.instructions_verbose
    (item.name + item.instructions_verbose + item.supplier_sku).encode()


COMPACT = json.dumps(SAUDI, ensure_ascii=False).encode()
MEMBERS = sorted({*SAUDI, *CATALOGUE["brands"][0], *CATALOGUE["brands"][0]["items"][0]})
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@settings(max_examples=120, deadline=None)
@given(st.dictionaries(st.sampled_from(MEMBERS), values, min_size=1, max_size=3), st.integers(0, 2))
def test_no_value_anywhere_raises_or_yields_an_unsound_item(
    changes: dict[str, Any], level: int
) -> None:
    page = json.loads(json.dumps(SAUDI))
    [page, page["brands"][0], page["brands"][0]["items"][0]][level].update(changes)
    try:
        feed = read_tango_feed(json.dumps(page).encode())
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
        feed = read_tango_feed(raw)
    except FeedUnreadable:
        return
    for item in feed.items:
        assert_sound(item)
