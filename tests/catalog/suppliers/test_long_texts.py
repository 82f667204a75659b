"""An absurdly long text costs its item and not the rest, and is not held several times."""

import json
import tracemalloc

import pytest

from catalog.suppliers import FeedUnreadable, read_reloadly_feed
from catalog.suppliers.long_texts import RAW_BYTES_MAX, TEXT_BYTES_MAX, cut_long_texts
from tests.catalog.suppliers.pages import feed_with, page_of

MB = 1024 * 1024


def with_description(text: str) -> bytes:
    return page_of(lambda items: items[3].update({"redeemInstruction": {"verbose": text}}))


@pytest.mark.parametrize("unit", ["x", "ش", '"', "\\", 'a"b'])
def test_a_description_of_50_mb_costs_its_item_alone(unit: str) -> None:
    raw = with_description(unit * (50 * MB // (len(json.dumps(unit)) - 2)))
    assert len(raw) > 49 * MB
    tracemalloc.start()
    feed = read_reloadly_feed(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 10 * MB
    assert len(feed.items) == 9
    [refused] = feed.refused
    assert (refused.index, refused.supplier_sku) == (3, "9004")
    [reason] = refused.reasons
    assert reason.path == "redeemInstruction.verbose"
    assert reason.message == "is 100000 characters long, at most 20000 are taken"
    assert feed.items == tuple(item for item in feed_with(0).items if item.supplier_sku != "9004")


def test_texts_that_are_not_absurd_are_left_as_they_are() -> None:
    raw = with_description("x" * (TEXT_BYTES_MAX - 2))
    assert cut_long_texts(raw) is raw
    [refused] = read_reloadly_feed(raw).refused
    assert refused.reasons[0].message == "is 399998 characters long, at most 20000 are taken"


def test_a_long_text_that_never_ends_ends_the_list() -> None:
    raw = with_description("x" * MB)
    feed = read_reloadly_feed(raw[: raw.index(b"xxx") + MB // 2])

    assert [item.supplier_sku for item in feed.items] == ["9001", "9002", "9003"]
    assert not feed.is_complete


def test_what_is_beyond_all_bounds_is_not_looked_into() -> None:
    with pytest.raises(FeedUnreadable, match="larger than"):
        read_reloadly_feed(b"[" + b" " * RAW_BYTES_MAX)
