"""A damaged or partial catalogue gives what is whole in it, and withdraws nothing."""

import json
from typing import Any

import pytest

from catalog.suppliers import Feed, FeedUnreadable, Reason, read_reloadly_feed
from tests.catalog.suppliers.pages import RAW, feed_with, only_refusal


def read() -> Feed:
    return read_reloadly_feed(RAW)


def test_bytes_that_are_not_utf_8_spoil_only_their_item() -> None:
    raw = RAW.replace(b"Harbour Lane 20", b"Harbour \xff Lane", 1)
    reasons = only_refusal(read_reloadly_feed(raw), 0).reasons
    assert reasons == (Reason("productName", "has a control or text direction character (U+DCFF)"),)


def test_a_file_cut_in_half_gives_its_whole_items_and_withdraws_nothing() -> None:
    cut = RAW[: RAW.index(b'"productId": 9006') + 200]
    feed = read_reloadly_feed(cut)
    assert feed.items == read().items[:5]
    assert not feed.is_complete
    (refused,) = feed.refused
    assert (refused.index, refused.supplier_sku) == (5, None)
    assert "the rest of the list cannot be read" in refused.reasons[0].message


def test_every_cut_salvages_the_items_before_it() -> None:
    whole = read().items
    for length in range(0, len(RAW) - 1, 97):
        try:
            feed = read_reloadly_feed(RAW[:length])
        except FeedUnreadable:
            assert length < 20
            continue
        assert not feed.is_complete
        names = {item.supplier_sku for item in feed.items}
        assert names == {item.supplier_sku for item in whole[: len(names)]}


def test_a_file_cut_after_its_list_is_not_complete() -> None:
    feed = read_reloadly_feed(RAW[: RAW.index(b'"totalPages"')])
    assert feed.items == read().items
    assert not feed.is_complete
    assert feed.refused == ()


@pytest.mark.parametrize(
    ("facts", "path"),
    [({"last": False}, "last"), ({"first": False}, "first"), ({"totalElements": 11}, "total")],
)
def test_one_page_of_several_is_not_complete(facts: dict[str, Any], path: str) -> None:
    feed = read_reloadly_feed(json.dumps({**json.loads(RAW), **facts}).encode())
    assert feed.items == read().items
    assert not feed.is_complete
    assert feed.remarks[0].path.startswith(path)


def test_an_empty_list_withdraws_nothing() -> None:
    for raw in (b"[]", b'{"content":[],"last":true,"totalElements":0}'):
        feed = read_reloadly_feed(raw)
        assert (feed.items, feed.refused, feed.is_complete) == ((), (), False)


def test_a_refused_item_without_a_number_withdraws_nothing() -> None:
    assert not feed_with(0, productId=None).is_complete
    named = feed_with(0, productName=None)
    assert named.is_complete
    assert "9001" in named.named_skus


def test_what_is_not_an_object_is_refused() -> None:
    feed = read_reloadly_feed(b'[1, null, "x", [], {}]')
    assert feed.items == ()
    assert [one.index for one in feed.refused] == [0, 1, 2, 3, 4]
    assert feed.refused[0].reasons == (Reason("$", "must be an object, is 1"),)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>",
        b"{}",
        b"null",
        b'"content"',
        b'{"message":"Full authentication is required"}',
        b'{"content":{}}',
        b'{"content":',
        b"\xff\xfe[",
        b" " * (20 * 1024 * 1024 + 1),
        b'{"a":' + b"[" * 100_000,
    ],
)
def test_what_holds_no_list_is_unreadable(raw: bytes) -> None:
    with pytest.raises(FeedUnreadable):
        read_reloadly_feed(raw)


def test_a_bottomless_item_ends_the_list() -> None:
    feed = read_reloadly_feed(b"[" * 100_000)
    assert feed.items == ()
    assert not feed.is_complete
    assert "nested too deeply" in feed.remarks[0].message
