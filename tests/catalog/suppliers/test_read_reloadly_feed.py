"""The catalogue reader takes what is sound, exactly, and says why it refuses the rest."""

import os
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog.suppliers import (
    Denomination,
    FaceRange,
    Feed,
    Reason,
    read_reloadly_feed,
)
from payouts.money import Money
from tests.catalog.suppliers.pages import RAW, feed_with, only_refusal, page_of


def read() -> Feed:
    return read_reloadly_feed(RAW)


def test_every_item_of_a_sound_file_is_taken() -> None:
    feed = read()
    assert [item.supplier_sku for item in feed.items] == [str(n) for n in range(9001, 9011)]
    assert (feed.refused, feed.is_complete, feed.remarks) == ((), True, ())


def test_a_fixed_item_has_exact_values_in_order_of_face() -> None:
    item = read().items[1]
    assert (item.name, item.brand_key, item.brand_name) == ("Harbour Lane", "901", "Harbour Lane")
    assert (item.category, item.country) == ("Shopping", "SA")
    assert (item.face_currency, item.cost_currency) == ("USD", "SAR")
    assert item.denominations == (
        Denomination(Money(500, "USD"), Money(1875, "SAR")),
        Denomination(Money(1000, "USD"), Money(3750, "SAR")),
        Denomination(Money(5000, "USD"), Money(18750, "SAR")),
    )
    assert item.face_range is None
    assert (item.fee, item.fee_percent) == (Money(375, "SAR"), Decimal("1.5"))
    assert item.discount_percent == Decimal("2.25")
    assert item.logo_urls == ("https://cards.example.com/logos/harbour-lane.png",)
    assert item.is_active
    assert not item.needs_user_id
    assert item.cost_of(Money(1000, "USD")) == Money(3750, "SAR")
    assert item.cost_of(Money(1001, "USD")) is None
    assert item.cost_of(Money(1000, "SAR")) is None


def test_a_range_has_bounds_and_a_rate() -> None:
    item = read().items[3]
    assert item.denominations == ()
    assert item.face_range == FaceRange(
        Money(500, "USD"),
        Money(10_000, "USD"),
        Money(1, "USD"),
        Money(1875, "SAR"),
        Money(37_500, "SAR"),
        Decimal("3.75"),
    )
    assert item.cost_of(Money(1001, "USD")) == Money(3754, "SAR")  # 37.5375
    assert item.cost_of(Money(499, "USD")) is None
    assert item.cost_of(Money(10_001, "USD")) is None


def test_currencies_of_three_and_no_digits_are_exact() -> None:
    dinar, yen, billed = (read().items[index] for index in (5, 6, 7))
    assert dinar.denominations[0] == Denomination(Money(1500, "KWD"), Money(1830, "SAR"))
    assert yen.denominations[1] == Denomination(Money(5000, "JPY"), Money(12_500, "SAR"))
    assert billed.denominations[1] == Denomination(Money(2500, "USD"), Money(7675, "KWD"))
    assert billed.fee == Money(125, "KWD")


def test_texts_keep_line_breaks_non_breaking_spaces_and_arabic() -> None:
    items = read().items
    assert "1.\u00a0Open the app.\n2.\u00a0Choose" in items[0].instructions_verbose
    assert items[2].instructions_verbose == "Line one\n\n\tLine two"
    assert items[4].name == "بطاقة سوق النخلة"
    assert items[4].instructions_verbose.startswith("طريقة الاستخدام\n\n١.\u00a0")
    assert items[3].instructions_verbose == ""


def test_line_breaks_of_other_systems_become_line_feeds() -> None:
    texts = {"concise": "a\r\nb\rc\u2028d", "verbose": None}
    feed = feed_with(0, redeemInstruction=texts)
    assert feed.items[0].instructions_concise == "a\nb\nc\nd"
    assert feed.items[0].instructions_verbose == ""


def test_what_is_not_on_sale_is_read_as_inactive() -> None:
    items = read().items
    assert not items[9].is_active
    assert items[2].needs_user_id
    assert items[8].category is None


def test_an_unchanged_item_has_the_same_digest_however_its_numbers_are_written() -> None:
    again = read_reloadly_feed(
        RAW.replace(b": 8.0,", b": 8.000,").replace(b": 3.75,", b": 375e-2,")
    )
    assert [i.digest for i in again.items] == [i.digest for i in read().items]
    changed = feed_with(0, discountPercentage=8.5)
    assert changed.items[0].digest != read().items[0].digest
    assert changed.items[1].digest == read().items[1].digest


def test_a_bare_list_is_a_catalogue() -> None:
    assert read_reloadly_feed(page_of(lambda items: None)).items == read().items


def test_the_map_in_its_documented_form_is_understood() -> None:
    feed = feed_with(0, fixedRecipientToSenderDenominationsMap=[{"20.00": 75.0}])
    assert feed.items == read().items


@pytest.mark.skipif("MIZAN_SUPPLIER_FILE" not in os.environ, reason="no supplier file is named")
def test_a_real_file_is_read_whole() -> None:
    feed = read_reloadly_feed(Path(os.environ["MIZAN_SUPPLIER_FILE"]).read_bytes())
    kinds = Counter("range" if item.face_range else "fixed" for item in feed.items)
    assert kinds == {"fixed": 34, "range": 4}
    assert (feed.refused, feed.is_complete) == ((), True)
    assert Counter(item.face_currency for item in feed.items) == {"USD": 35, "EUR": 3}
    assert {item.cost_currency for item in feed.items} == {"ZAR"}
    first = feed.items[0]
    assert first.denominations == (Denomination(Money(2000, "USD"), Money(36_280, "ZAR")),)
    assert (first.fee, first.discount_percent) == (Money(1814, "ZAR"), Decimal(8))
    ranges = {item.face_range.cost_rate for item in feed.items if item.face_range}
    assert ranges == {Decimal("18.14")}
    assert sum("\u00a0" in item.name for item in feed.items) == 1


LONG = "x" * 201
BREAKAGES: list[tuple[dict[str, Any], str, str]] = [
    ({"productId": None}, "productId", "must be a positive whole number, is missing or null"),
    ({"productId": True}, "productId", "must be a positive whole number, is true"),
    ({"productId": -5}, "productId", "must be a positive whole number, is -5"),
    ({"productId": 1.5}, "productId", "must be a positive whole number, is 1.5"),
    ({"productName": 7}, "productName", "must be text, is 7"),
    ({"productName": " \u200b "}, "productName", "is empty"),
    ({"productName": LONG}, "productName", "is 201 characters long, at most 200 are taken"),
    (
        {"productName": "a\u202eb"},
        "productName",
        "has a control or text direction character (U+202E)",
    ),
    (
        {"productName": "a\nb"},
        "productName",
        "has a control or text direction character (U+000A)",
    ),
    (
        {"redeemInstruction": {"verbose": "a\x00b"}},
        "redeemInstruction.verbose",
        "has a control or text direction character (U+0000)",
    ),
    (
        {"redeemInstruction": {"concise": "\ud800"}},
        "redeemInstruction.concise",
        "has a control or text direction character (U+D800)",
    ),
    (
        {"redeemInstruction": {"verbose": "y" * 20_001}},
        "redeemInstruction.verbose",
        "is 20001 characters long, at most 20000 are taken",
    ),
    ({"brand": None}, "brand.brandId", "must be a positive whole number, is missing or null"),
    ({"category": {"name": 3}}, "category.name", "must be text, is 3"),
    (
        {"country": {"isoName": "XX"}},
        "country.isoName",
        "must be a known country, is 'XX'",
    ),
    (
        {"recipientCurrencyCode": None},
        "recipientCurrencyCode",
        "must be a known currency, is missing or null",
    ),
    (
        {"senderCurrencyCode": "SARR"},
        "senderCurrencyCode",
        "must be a known currency, is 'SARR'",
    ),
    ({"senderFee": -1}, "senderFee", "must be zero or more than zero, is -1"),
    ({"senderFee": "3.75"}, "senderFee", "must be a number, is '3.75'"),
    ({"senderFee": 3.755}, "senderFee", "3.755 has more digits than SAR has (2)"),
    ({"discountPercentage": 100.5}, "discountPercentage", "must be from 0 to 100, is 100.5"),
    ({"discountPercentage": -1}, "discountPercentage", "must be from 0 to 100, is -1"),
    (
        {"senderFeePercentage": float("nan")},
        "senderFeePercentage",
        "must be a number, is a number out of bounds ('NaN')",
    ),
    (
        {"senderFee": float("inf")},
        "senderFee",
        "must be a number, is a number out of bounds ('Infinity')",
    ),
    ({"denominationType": "OPEN"}, "denominationType", "must be FIXED or RANGE, is 'OPEN'"),
    ({"status": 1}, "status", "must be text, is 1"),
    (
        {"logoUrls": ["http://a.example/x"]},
        "logoUrls.0",
        "must be an https address, is 'http://a.example/x'",
    ),
    (
        {"logoUrls": ["https://[::1"]},
        "logoUrls.0",
        "must be an https address, is 'https://[::1'",
    ),
    (
        {"fixedRecipientDenominations": []},
        "fixedRecipientDenominations",
        "is empty",
    ),
    (
        {"fixedRecipientDenominations": [20.0, 25.0]},
        "fixedSenderDenominations",
        "has 1 costs for 2 face values",
    ),
    (
        {"fixedRecipientToSenderDenominationsMap": {"20.0": 75.1}},
        "fixedRecipientToSenderDenominationsMap",
        "disagrees with the lists of face values and costs",
    ),
    (
        {"fixedRecipientDenominations": [20.001]},
        "fixedRecipientDenominations.0",
        "20.001 has more digits than USD has (2)",
    ),
    (
        {"fixedSenderDenominations": [0]},
        "fixedSenderDenominations.0",
        "must be more than zero, is 0",
    ),
    (
        {"fixedSenderDenominations": [-75.0]},
        "fixedSenderDenominations.0",
        "must be more than zero, is -75.0",
    ),
    (
        {"fixedSenderDenominations": [10_000_000_001]},
        "fixedSenderDenominations.0",
        "10000000001 SAR is beyond any price",
    ),
]


@pytest.mark.parametrize(("changes", "path", "message"), BREAKAGES)
def test_a_broken_item_is_refused_with_its_reason(
    changes: dict[str, Any], path: str, message: str
) -> None:
    feed = feed_with(0, **changes)
    assert Reason(path, message) in only_refusal(feed, 0).reasons
    assert feed.items == read().items[1:]


def test_a_range_upside_down_is_refused() -> None:
    feed = feed_with(3, minRecipientDenomination=100.0, maxRecipientDenomination=5.0)
    reasons = only_refusal(feed, 3).reasons
    assert Reason("minRecipientDenomination", "is more than maxRecipientDenomination") in reasons


def test_a_range_without_one_rate_is_refused() -> None:
    feed = feed_with(3, minSenderDenomination=20.0)
    assert only_refusal(feed, 3).reasons == (
        Reason("minSenderDenomination", "the costs at both ends follow no one rate"),
    )


@pytest.mark.parametrize("number", ["1e999999", "1e9999999999999999999999", "9" * 5000])
def test_a_number_bomb_is_refused(number: str) -> None:
    raw = RAW.replace(b'"senderFee": 3.75', f'"senderFee": {number}'.encode(), 1)
    reason = only_refusal(read_reloadly_feed(raw), 0).reasons[0]
    assert reason.path == "senderFee"
    assert reason.message.startswith("must be a number, is a number out of bounds")


def test_a_cost_far_from_the_median_of_its_currencies_is_absurd() -> None:
    for wrong in (750.0, 7.5):
        feed = feed_with(
            0,
            fixedSenderDenominations=[wrong],
            fixedRecipientToSenderDenominationsMap={"20.0": wrong},
        )
        (reason,) = only_refusal(feed, 0).reasons
        assert reason.path == "prices.20.00"
        assert "is absurd" in reason.message
        assert "median is 3.750000" in reason.message


def test_a_cost_three_times_the_median_is_just_not_absurd() -> None:
    feed = feed_with(
        0,
        fixedSenderDenominations=[225.0],
        fixedRecipientToSenderDenominationsMap={"20.0": 225.0},
    )
    assert feed.refused == ()


def test_a_card_in_its_own_currency_needs_no_median() -> None:
    prices = {"100.0": 1000.0, "200.0": 200.0}
    feed = feed_with(
        4,
        fixedSenderDenominations=[1000.0, 200.0],
        fixedRecipientToSenderDenominationsMap=prices,
    )
    assert only_refusal(feed, 4).reasons[0].path == "prices.100.00"


def test_a_product_named_twice_counts_once() -> None:
    feed = read_reloadly_feed(page_of(lambda items: items.append(dict(items[0]))))
    assert feed.items == read().items
    (refused,) = feed.refused
    assert (refused.index, refused.supplier_sku) == (10, "9001")
    assert refused.reasons == (Reason("productId", "is the same as that of item 0"),)
    assert feed.is_complete


def test_a_second_item_that_differs_is_refused_for_both_reasons() -> None:
    feed = read_reloadly_feed(
        page_of(lambda items: items.append({**items[0], "senderFee": 1, "global": True}))
    )
    assert feed.items == read().items
    assert feed.refused[0].reasons == (
        Reason("productId", "is the same as that of item 0"),
        Reason("$", "differs from item 0 in global, senderFee"),
    )


def test_a_name_given_twice_in_one_object_is_refused() -> None:
    raw = RAW.replace(b'"senderFee": 3.75', b'"senderFee": 3.75, "senderFee": 0', 1)
    assert only_refusal(read_reloadly_feed(raw), 0).reasons == (
        Reason("", "has 'senderFee' twice"),
    )


def test_an_item_nested_too_deeply_is_refused() -> None:
    deep: Any = 1
    for _ in range(30):
        deep = [deep]
    reasons = only_refusal(feed_with(0, metadata=deep), 0).reasons
    assert reasons == (Reason("$", "is nested more than 16 levels deep"),)
