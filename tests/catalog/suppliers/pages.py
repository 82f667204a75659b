"""Builds catalogue pages out of the project's own fixture."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalog.suppliers import Feed, RefusedItem, read_reloadly_feed

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "reloadly-products.json"
RAW = FIXTURE.read_bytes()

Item = dict[str, Any]


def page_of(change: Callable[[list[Item]], object]) -> bytes:
    """The fixture's items, changed, as a bare list."""
    items = json.loads(RAW)["content"]
    change(items)
    return json.dumps(items).encode()


def feed_with(index: int, **changes: Any) -> Feed:
    """Read the fixture with some members of one item replaced."""
    return read_reloadly_feed(page_of(lambda items: items[index].update(changes)))


def only_refusal(feed: Feed, index: int) -> RefusedItem:
    """The one refused item, when every other item of the fixture was taken."""
    assert len(feed.items) == 9
    assert [one.index for one in feed.refused] == [index]
    return feed.refused[0]
