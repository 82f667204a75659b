"""The catalogue is read item by item: what is sound is taken exactly, the rest refused by name."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.suppliers import Denomination, FaceRange, Feed, FeedUnreadable, read_xoxoday_feed
from payouts.money import Money

PRODUCT: dict[str, Any] = {
    "productId": 27222,
    "name": "Books &amp; More",
    "orderQuantityLimit": 10,
    "termsAndConditionsInstructions": "<p>No cash.</p>",
    "expiryAndValidity": "<p>\r\n\t24 months</p>\r\n",
    "redemptionInstructions": "<div>1. Open</div><div>2. Pay&nbsp;now</div>",
    "categories": "Home &amp; Living,Work",
    "imageUrl": "https://cards.example.com/a.png",
    "currencyCode": "USD",
    "countryCode": "SA",
    "countries": [{"code": "SA", "name": "Saudi Arabia"}, {"code": "US", "name": "USA"}],
    "valueType": "fixed_denomination",
    "valueDenominations": "25, 10,99.95",
    "minValue": 0,
    "maxValue": 0,
    "tatInDays": "0",
    "deliveryType": "realtime",
    "fee": 1.5,
    "discount": 2.25,
    "exchangeRate": 3.7525,
    "isPhoneNumberMandatory": False,
}
RANGE = {"valueType": "open_value", "valueDenominations": "5,10", "minValue": 0.5, "maxValue": 200}


def page(*products: Any) -> str:
    return json.dumps({"data": {"getVouchers": {"status": 1, "data": list(products)}}})


def joined(*pages: str, last: Any = True, country: str = "SA", currency: str = "SAR") -> bytes:
    facts = json.dumps({"last": last, "country": country, "currency": currency})
    return f'{{"content":[{",".join(pages)}],{facts[1:]}'.encode()


def feed_with(**changes: Any) -> Feed:
    return read_xoxoday_feed(joined(page({**PRODUCT, **changes})))


def reasons(feed: Feed) -> list[tuple[str, str]]:
    assert feed.items == ()
    (refused,) = feed.refused
    return [(one.path, one.message) for one in refused.reasons]


def test_an_item_is_read_exactly() -> None:
    feed = feed_with()
    (item,) = feed.items
    assert feed.is_complete
    assert (item.supplier_sku, item.name, item.brand_name) == (
        "27222",
        "Books & More",
        "Books & More",
    )
    assert (item.category, item.country, item.needs_user_id) == ("Home & Living", "SA", False)
    assert (item.face_currency, item.cost_currency) == ("USD", "SAR")
    assert item.denominations == (
        Denomination(Money(1000, "USD"), Money(3753, "SAR")),  # 37.525, half up
        Denomination(Money(2500, "USD"), Money(9381, "SAR")),  # 93.8125
        Denomination(Money(9995, "USD"), Money(37506, "SAR")),  # 375.062...
    )
    assert (item.fee_percent, item.discount_percent) == (Decimal("1.5"), Decimal("2.25"))
    assert (item.fee, item.logo_urls) == (Money(0, "SAR"), ("https://cards.example.com/a.png",))
    assert item.instructions_concise == "1. Open\n\n2. Pay now"
    assert item.instructions_verbose == "24 months\nNo cash."


def test_a_range_is_read_exactly() -> None:
    (item,) = feed_with(**RANGE).items
    assert item.denominations == ()
    assert item.face_range == FaceRange(
        Money(50, "USD"),
        Money(20000, "USD"),
        Money(1, "USD"),
        Money(188, "SAR"),  # 1.87625, half up
        Money(75050, "SAR"),
        Decimal("3.7525"),
    )
    assert item.cost_of(Money(1234, "USD")) == Money(4631, "SAR")  # 46.30585


def test_its_own_currency_needs_no_rate() -> None:
    (item,) = feed_with(currencyCode="SAR", exchangeRate=None, valueDenominations="50").items
    assert item.prices == ((Money(5000, "SAR"), Money(5000, "SAR")),)


def test_a_telephone_number_is_needed() -> None:
    (item,) = feed_with(isPhoneNumberMandatory=True).items
    assert item.needs_user_id


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"productId": "x1"}, "productId", "must be a positive whole number, is 'x1'"),
        ({"name": 7}, "name", "must be text, is 7"),
        ({"name": "a\u202eb"}, "name", "has a control or text direction character (U+202E)"),
        ({"name": "a&#8238;b"}, "name", "has a control or text direction character, escaped"),
        ({"name": "a <script"}, "name", "has markup that is not whole"),
        ({"currencyCode": "ZZZ"}, "currencyCode", "must be a known currency, is 'ZZZ'"),
        ({"exchangeRate": None}, "exchangeRate", "must be a number, is missing or null"),
        ({"exchangeRate": "3.75"}, "exchangeRate", "must be a number, is '3.75'"),
        ({"exchangeRate": 0}, "exchangeRate", "is out of bounds: 0"),
        ({"exchangeRate": -1}, "exchangeRate", "is out of bounds: -1"),
        ({"valueType": "any"}, "valueType", "must be fixed_denomination or open_value, is 'any'"),
        (
            {"valueDenominations": ""},
            "valueDenominations",
            "must be a list of face values in a text, is ''",
        ),
        (
            {"valueDenominations": "10;20"},
            "valueDenominations",
            "must be numbers between commas, is '10;20'",
        ),
        (
            {"valueDenominations": "10,,20"},
            "valueDenominations",
            "must be numbers between commas, is '10,,20'",
        ),
        (
            {"valueDenominations": "1e3"},
            "valueDenominations",
            "must be numbers between commas, is '1e3'",
        ),
        (
            {"valueDenominations": "10.001"},
            "valueDenominations",
            "10.001 has more digits than USD has (2)",
        ),
        ({"valueDenominations": "10,10.00"}, "valueDenominations", "names a face value twice"),
        ({"valueDenominations": "0"}, "valueDenominations", "must be more than zero, is 0"),
        ({**RANGE, "minValue": 300}, "minValue", "is more than maxValue"),
        ({**RANGE, "minValue": "5"}, "minValue", "must be a number, is '5'"),
        (
            {**RANGE, "minValue": 0.01, "exchangeRate": 0.001},
            "exchangeRate",
            "the cost of 0.01 USD is nothing",
        ),
        ({"fee": 101}, "fee", "must be from 0 to 100, is 101"),
        ({"discount": "2"}, "discount", "must be a number, is '2'"),
        ({"deliveryType": "soon"}, "deliveryType", "must be realtime or delayed, is 'soon'"),
        ({"tatInDays": "two"}, "tatInDays", "must be a number of days, is 'two'"),
        (
            {"imageUrl": "http://x.example.com"},
            "imageUrl",
            "must be an https address, is 'http://x.example.com'",
        ),
        ({"isPhoneNumberMandatory": 1}, "isPhoneNumberMandatory", "must be true or false, is 1"),
        ({"countries": [{"code": "US"}], "countryCode": "US"}, "countries", "does not have SA"),
        ({"countries": "SA", "countryCode": None}, "countries", "does not have SA"),
    ],
)
def test_a_bad_value_is_refused_with_its_reason(
    changes: dict[str, Any], path: str, message: str
) -> None:
    assert reasons(feed_with(**changes)) == [(path, message)]


def test_a_bad_item_is_refused_alone() -> None:
    others = [{**PRODUCT, "productId": number} for number in (1, 2, 3)]
    others[1]["exchangeRate"] = "free"
    feed = read_xoxoday_feed(joined(page(*others[:2]), page(others[2], 7)))
    assert [item.supplier_sku for item in feed.items] == ["1", "3"]
    assert [(one.index, one.supplier_sku) for one in feed.refused] == [(1, "2"), (3, None)]
    assert not feed.is_complete  # nobody knows which product the last one is


def test_a_product_told_twice_is_taken_once() -> None:
    feed = read_xoxoday_feed(joined(page(PRODUCT), page({**PRODUCT, "fee": 2})))
    assert len(feed.items) == 1
    (refused,) = feed.refused
    assert [one.message for one in refused.reasons] == [
        "is the same as that of item 0",
        "differs from item 0 in fee",
    ]


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (joined(page(PRODUCT), last=False), "last"),
        (joined(page(PRODUCT), last=None), "last"),
        (joined(), "content"),
        (joined(page(PRODUCT), '{"data":{}}'), "content.1"),
        (joined(page(PRODUCT), '{"data":{"getVouchers":{"status":0,"data":[]}}}'), "content.1"),
    ],
)
def test_what_may_not_be_whole_is_not_complete(raw: bytes, path: str) -> None:
    feed = read_xoxoday_feed(raw)
    assert not feed.is_complete
    assert [one.path for one in feed.remarks] == [path]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        joined(page(PRODUCT), country="XX"),
        joined(page(PRODUCT), currency="ZZZ"),
        joined(page(PRODUCT))[:200],
    ],
)
def test_a_file_that_does_not_say_what_it_is_cannot_be_read(raw: bytes) -> None:
    with pytest.raises(FeedUnreadable):
        read_xoxoday_feed(raw)


def test_an_absurd_price_is_refused() -> None:
    products = [{**PRODUCT, "productId": number} for number in range(1, 5)]
    products[3]["exchangeRate"] = 37.525
    feed = read_xoxoday_feed(joined(page(*products)))
    assert [item.supplier_sku for item in feed.items] == ["1", "2", "3"]
    assert [one.supplier_sku for one in feed.refused] == ["4"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(sorted(PRODUCT)), value=VALUES)
def test_no_value_raises_or_yields_an_unsound_item(name: str, value: Any) -> None:
    feed = feed_with(**{name: value})
    assert len(feed.items) + len(feed.refused) == 1
    for item in feed.items:
        assert all(face.minor > 0 and cost.minor > 0 for face, cost in item.prices)
        assert item.prices


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, 1200), junk=st.binary(max_size=6))
def test_no_damage_raises_anything_else(at: int, junk: bytes) -> None:
    raw = joined(page(PRODUCT))
    at = min(at, len(raw))
    try:
        feed = read_xoxoday_feed(raw[:at] + junk + raw[at + len(junk) :])
    except FeedUnreadable:
        return
    assert len(feed.items) <= 1
