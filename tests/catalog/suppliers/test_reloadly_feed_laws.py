"""Laws of the catalogue reader under damage that nobody thought of."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.suppliers import FeedItem, FeedUnreadable, read_reloadly_feed
from tests.catalog.suppliers.pages import RAW

COMPACT = json.dumps(json.loads(RAW)["content"][:4], ensure_ascii=False).encode()
PATHS = sorted(json.loads(COMPACT)[0])


def assert_sound(item: FeedItem) -> None:
    assert item.prices
    for face, cost in item.prices:
        assert face.minor > 0
        assert cost.minor > 0
        assert (face.currency, cost.currency) == (item.face_currency, item.cost_currency)
    assert item.fee.minor >= 0
    assert 0 <= item.discount_percent <= 100
    assert 0 <= item.fee_percent <= 100
    assert item.name
    item.name.encode()
    item.instructions_verbose.encode()


def read_and_check(raw: bytes) -> None:
    try:
        feed = read_reloadly_feed(raw)
    except FeedUnreadable:
        return
    for item in feed.items:
        assert_sound(item)
    skus = [item.supplier_sku for item in feed.items]
    assert len(skus) == len(set(skus))
    assert all(refused.reasons for refused in feed.refused)


edits = st.lists(
    st.tuples(
        st.integers(0, len(COMPACT)),
        st.integers(0, 12),
        st.one_of(
            st.binary(max_size=6),
            st.sampled_from(
                [b"-", b"0", b"e99", b"null", b"{", b"]", b'"', b"NaN", b"1e-400", b"\\ud800"]
            ),
        ),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=400, deadline=None)
@given(edits)
def test_no_damage_raises_or_yields_an_unsound_item(changes: list[tuple[int, int, bytes]]) -> None:
    raw = COMPACT
    for at, removed, added in changes:
        raw = raw[:at] + added + raw[at + removed :]
    read_and_check(raw)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(raw: bytes) -> None:
    read_and_check(raw)
    read_and_check(b"[" + raw)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["FIXED", "RANGE", "USD", "SAR", "JPY", "20.0", "-1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(PATHS), values, min_size=1, max_size=3), st.integers(0, 3))
def test_no_value_in_any_field_raises_or_yields_an_unsound_item(
    changes: dict[str, Any], index: int
) -> None:
    items = json.loads(COMPACT)
    items[index].update(changes)
    read_and_check(json.dumps(items).encode())
