"""Laws of the reader of described feeds under damage that nobody thought of."""

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog.suppliers import FeedMapping, FeedUnreadable, read_mapped_feed, read_mapping
from catalog.suppliers.feed_mapping import CODECS
from catalog.suppliers.text_numbers import read_number
from tests.catalog.suppliers.test_read_mapped_feed import CSV, JSON, lines, product, row
from tests.catalog.suppliers.test_reloadly_feed_laws import assert_sound

OPTIONAL = {"brand_key": "Brand", "logo_urls": "Text", "category": "Title", "fee": "Off"}
RAW_CSV = lines(row(), row(Code="B", Title="بطاقة"), row(Code="C", Value="10|20", Price="9|18"))
RAW_JSON = json.dumps(
    {"data": {"products": [product(id=n, off=n) for n in range(4)]}}, ensure_ascii=False
).encode()

encodings = st.sampled_from(sorted(CODECS))
edits = st.lists(
    st.tuples(
        st.integers(0, 600),
        st.integers(0, 12),
        st.one_of(
            st.binary(max_size=6),
            st.sampled_from(
                [
                    b"-",
                    b"1e9",
                    b"null",
                    b"{",
                    b"]",
                    b'"',
                    b'""',
                    b",",
                    b"\r\n",
                    b"\x00",
                    b"NaN",
                    b"\\ud800",
                    "٥".encode(),
                    "٫".encode(),
                    b"\xff\xfe",
                    b"|",
                ]
            ),
        ),
    ),
    min_size=1,
    max_size=6,
)


def damaged(raw: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    for place, length, new in changes:
        raw = raw[:place] + new + raw[place + length :]
    return raw


def read_and_check(raw: bytes, mapping: FeedMapping) -> None:
    try:
        feed = read_mapped_feed(raw, mapping)
    except FeedUnreadable:
        return
    for item in feed.items:
        assert_sound(item)
    skus = [item.supplier_sku for item in feed.items]
    assert len(skus) == len(set(skus))
    assert all(refused.reasons for refused in feed.refused)
    json.dumps([[one.path, one.message] for item in feed.refused for one in item.reasons]).encode()


@settings(max_examples=300, deadline=None)
@given(edits, encodings)
def test_no_damage_to_rows_raises_or_yields_an_unsound_item(
    changes: list[tuple[int, int, bytes]], encoding: str
) -> None:
    fields: dict[str, Any] = {**CSV["fields"], **OPTIONAL}  # type: ignore[dict-item]
    mapping = read_mapping({**CSV, "encoding": encoding, "fields": fields})
    read_and_check(damaged(RAW_CSV, changes), mapping)


@settings(max_examples=300, deadline=None)
@given(edits, st.sampled_from(["text", "number"]))
def test_no_damage_to_a_document_raises_or_yields_an_unsound_item(
    changes: list[tuple[int, int, bytes]], numbers: str
) -> None:
    fields: dict[str, Any] = {**JSON["fields"], "brand_key": "title", "logo_urls": "price.faces"}  # type: ignore[dict-item]
    mapping = read_mapping({**JSON, "numbers": numbers, "fields": fields})
    read_and_check(damaged(RAW_JSON, changes), mapping)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), encodings, st.sampled_from([CSV, JSON]))
def test_no_bytes_raise(raw: bytes, encoding: str, document: dict[str, Any]) -> None:
    read_and_check(raw, read_mapping({**document, "encoding": encoding}))


@settings(max_examples=300, deadline=None)
@given(
    st.integers(-(10**12), 10**12), st.integers(0, 6), st.sampled_from([".", ","]), st.booleans()
)
@example(-5, 2, ",", True)
def test_a_number_is_read_back_whatever_its_digits(
    minor: int,
    digits: int,
    decimal: str,
    is_arabic: bool,
) -> None:
    whole, rest = divmod(abs(minor), 10**digits)
    text = f"{whole:,}" + (f".{rest:0{digits}d}" if digits else "")
    if is_arabic:
        text = text.translate(str.maketrans("0123456789,.", "٠١٢٣٤٥٦٧٨٩٬٫"))
    elif decimal == ",":
        text = text.translate(str.maketrans(",.", ".,"))
    read = read_number(("-" if minor < 0 else "") + text, decimal_separator=decimal)
    assert not isinstance(read, str)
    assert read.scaleb(digits) == minor


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=45), st.sampled_from([".", ","]))
def test_no_text_raises_as_a_number(text: str, decimal: str) -> None:
    read = read_number(text, decimal_separator=decimal)
    assert isinstance(read, str) or read.is_finite()
