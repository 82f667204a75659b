"""A feed is read as it was described: exact numbers, hostile items refused each by its reason."""

import csv
import json
from typing import Any

import pytest

from catalog.suppliers import (
    Feed,
    FeedUnreadable,
    MappingInvalid,
    Translation,
    read_mapped_feed,
    read_mapping,
)
from payouts.money import Money

COLUMNS = ("Code", "Title", "Brand", "Land", "Unit", "Value", "Price", "Off", "Text", "On")
CSV = {
    "format": "csv",
    "fields": {
        "sku": "Code",
        "name": "Title",
        "brand": "Brand",
        "country": "Land",
        "currency": "Unit",
        "faces": "Value",
        "costs": "Price",
        "discount_percent": "Off",
        "details": "Text",
        "is_active": "On",
    },
}
JSON = {
    "format": "json",
    "list": "data.products",
    "fields": {
        "sku": "id",
        "name": "title.en",
        "brand": {"constant": "Jarir"},
        "country": {"constant": "SA"},
        "currency": "price.currency",
        "faces": "price.faces",
        "discount_percent": "off",
    },
}
TAGS = [
    "ar", "fr", "de", "es", "pt", "it", "nl", "da", "sv", "nb", "fi", "pl", "cs", "hu", "ro", "bg",
    "el", "tr", "ru", "uk", "he", "fa", "ur", "hi",
]  # fmt: skip
TOO_MANY = {f"name:{tag}": "Title" for tag in TAGS}
GOOD = ("A-1", "Card", "Jarir", "SA", "SAR", "50", "48.50", "", "Scratch it", "yes")


def lines(*rows: tuple[str, ...], delimiter: str = ",") -> bytes:
    text = [
        delimiter.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in one) for one in rows
    ]
    return "".join(f"{one}\r\n" for one in [delimiter.join(COLUMNS), *text]).encode()


def row(**changes: str) -> tuple[str, ...]:
    return tuple(changes.get(name, usual) for name, usual in zip(COLUMNS, GOOD, strict=True))


def read_csv(*rows: tuple[str, ...], **description: Any) -> Feed:
    return read_mapped_feed(lines(*rows), read_mapping({**CSV, **description}))


def read_json(*items: Any, **description: Any) -> Feed:
    raw = json.dumps({"data": {"products": items}}).encode()
    return read_mapped_feed(raw, read_mapping({**JSON, **description}))


def product(**changes: Any) -> dict[str, Any]:
    usual = {"id": 7, "title": {"en": "Card"}, "price": {"currency": "SAR", "faces": [50, 100]}}
    return {**usual, **changes}


def reasons(feed: Feed) -> list[str]:
    return [f"{one.path}: {one.message}" for item in feed.refused for one in item.reasons]


def test_a_row_is_an_item() -> None:
    feed = read_csv(row(), row(Code="A-2", Value="50|100", Price="48.5|97", On="no", Off="2.5"))
    first, second = feed.items
    assert (feed.refused, feed.is_complete, feed.remarks) == ((), True, ())
    assert (first.supplier_sku, first.name, first.brand_name, first.country) == (
        "A-1",
        "Card",
        "Jarir",
        "SA",
    )
    assert first.prices == ((Money(5_000, "SAR"), Money(4_850, "SAR")),)
    assert (first.instructions_verbose, first.is_active) == ("Scratch it", True)
    assert second.prices == (
        (Money(5_000, "SAR"), Money(4_850, "SAR")),
        (Money(10_000, "SAR"), Money(9_700, "SAR")),
    )
    assert (str(second.discount_percent), second.is_active) == ("2.5", False)
    assert first.brand_key == second.brand_key


def test_a_json_document_is_read_by_its_paths() -> None:
    feed = read_json(product(), product(id="x/9", off=4))
    assert [one.supplier_sku for one in feed.items] == ["7", "x/9"]
    # Without a cost a face costs itself, before the discount.
    assert feed.items[0].prices == (
        (Money(5_000, "SAR"), Money(5_000, "SAR")),
        (Money(10_000, "SAR"), Money(10_000, "SAR")),
    )
    assert feed.is_complete


@pytest.mark.parametrize(
    ("value", "decimal", "minor"),
    [
        ("50.00", ".", 5_000),
        ("٥٠٫٢٥", ".", 5_025),
        ("۵۰", ".", 5_000),
        ("١٬٢٣٤٫٥٠", ".", 123_450),
        ("1,234.50", ".", 123_450),
        ("1.234,50", ",", 123_450),
        ("\u200f٥٠\u200f", ".", 5_000),
    ],
)
def test_a_text_is_an_exact_number(value: str, decimal: str, minor: int) -> None:
    feed = read_csv(row(Value=value, Price=value), decimal=decimal)
    assert reasons(feed) == []
    assert feed.items[0].prices == ((Money(minor, "SAR"), Money(minor, "SAR")),)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Value": "1e2"}, "Value: is written with an exponent, is '1e2'"),
        ({"Value": "1,23"}, "Value: must be a number, is '1,23'"),
        ({"Value": "12,34,567"}, "Value: must be a number, is '12,34,567'"),
        ({"Value": "0"}, "Value: must be more than zero, is 0"),
        ({"Value": "-5"}, "Value: must be more than zero, is -5"),
        ({"Value": "50.001"}, "Value: 50.001 has more digits than SAR has (2)"),
        ({"Value": "9" * 50}, f"Value: is too long for a number, is {'9' * 50!r}"),
        ({"Value": "NaN"}, "Value: must be a number, is 'NaN'"),
        ({"Value": ""}, "Value: must have 1 to 500 values, has 0"),
        ({"Value": "50|100"}, "Price: has 1 costs for 2 face values"),
        ({"Value": "50|50", "Price": "1|2"}, "Value: names a face value twice"),
        ({"Off": "-3"}, "Off: must be from 0 to 100, is -3"),
        ({"Off": "101"}, "Off: must be from 0 to 100, is 101"),
        ({"Unit": "SRA"}, "Unit: must be a known currency, is 'SRA'"),
        ({"Unit": ""}, "Unit: must be a known currency, is missing or null"),
        ({"Land": "XX"}, "Land: must be a known country, is 'XX'"),
        ({"Code": "a b"}, "Code: must be 1 to 100 signs of ASCII without spaces, is 'a b'"),
        ({"Title": "a\u202eb"}, "Title: has a control or text direction character (U+202E)"),
        ({"On": "maybe"}, "On: must be true or false, is 'maybe'"),
    ],
)
def test_a_bad_cell_costs_its_row_alone(changes: dict[str, str], reason: str) -> None:
    feed = read_csv(row(), row(**{"Code": "B", **changes}), row(Code="C"))
    assert [one.supplier_sku for one in feed.items] == ["A-1", "C"]
    assert reason in reasons(feed)
    assert [one.index for one in feed.refused] == [1]


def test_json_numbers_are_taken_as_they_are_written() -> None:
    mapping = read_mapping({**JSON, "list": ""})
    raw = b"""[
      {"id": 1, "title": {"en": "Card"}, "price": {"currency": "KWD", "faces": 1.250}},
      {"id": 2, "title": {"en": "Card"}, "price": {"currency": "KWD", "faces": 1e2}},
      {"id": 3, "title": {"en": "Card"}, "price": {"currency": "KWD", "faces": "5"}},
      {"id": 4, "title": {"en": "Card"}, "price": {"currency": "KWD", "faces": NaN}},
      {"id": 5, "id": 6, "title": {"en": "Card"}, "price": {"currency": "KWD", "faces": 5}},
      null
    ]"""
    feed = read_mapped_feed(raw, mapping)
    assert [one.prices[0][0] for one in feed.items] == [Money(1_250, "KWD")]
    assert reasons(feed) == [
        "price.faces: is written with an exponent, is '1E+2'",
        "price.faces: must be a number, is '5'",
        "price.faces: must be a number, is a number out of bounds ('NaN')",
        ": has 'id' twice",
        "$: must be an object, is missing or null",
    ]
    assert not feed.is_complete


def test_numbers_in_json_may_be_text_where_the_description_says_so() -> None:
    item = product(price={"currency": "SAR", "faces": ["٥٠", 75]})
    assert read_json(item).items == ()
    feed = read_json(item, numbers="text")
    assert [face.minor for face, _ in feed.items[0].prices] == [5_000, 7_500]


def test_a_repeated_sku_is_refused_and_says_how_it_differs() -> None:
    feed = read_csv(row(), row(Unit="USD"), row(Code="C"))
    assert [one.supplier_sku for one in feed.items] == ["A-1", "C"]
    assert reasons(feed) == [
        "Code: is the same as that of item 0",
        "$: differs from item 0 in Unit",
    ]


def test_a_price_far_from_the_others_is_refused() -> None:
    others = [row(Code=f"C{number}") for number in range(3)]
    feed = read_csv(*others, row(Code="D", Price="4.85"))
    assert [one.supplier_sku for one in feed.refused] == ["D"]


def test_a_cost_in_another_currency_has_to_be_told() -> None:
    fields = {**JSON["fields"], "cost_currency": {"constant": "USD"}}  # type: ignore[dict-item]
    feed = read_json(product(), fields=fields)
    assert reasons(feed) == ["costs: must be there, as the cost is in another currency"]


def test_a_huge_field_costs_its_row_alone() -> None:
    feed = read_csv(row(), row(Code="B", Text="x" * 50_000_000), row(Code="C"))
    assert [one.supplier_sku for one in feed.items] == ["A-1", "C"]
    assert reasons(feed) == ["Text: is 50000000 characters long, at most 20000 are taken"]
    # Others who read CSV in this process have the limit that they had.
    with pytest.raises(csv.Error):
        list(csv.reader(["x" * 200_000]))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1256", "iso-8859-1"])
def test_an_encoding_is_taken_as_it_is_said(encoding: str) -> None:
    title = "Café" if encoding == "iso-8859-1" else "بطاقة هدية"
    codec = {"windows-1256": "cp1256"}.get(encoding, encoding)
    raw = lines(row(Title=title)).decode().encode(codec)
    feed = read_mapped_feed(raw, read_mapping({**CSV, "encoding": encoding}))
    assert [one.name for one in feed.items] == [title]


def test_a_wrong_encoding_costs_the_items_that_it_would_spoil() -> None:
    arabic = lines(row(), row(Code="B", Title="بطاقة هدية")).decode()
    as_windows = read_mapping({**CSV, "encoding": "windows-1256"})
    feed = read_mapped_feed(arabic.encode(), as_windows)
    assert [one.supplier_sku for one in feed.items] == ["A-1"]
    assert reasons(feed) == ["Title: is written in utf-8, not in windows-1256"]
    feed = read_mapped_feed(arabic.encode("cp1256"), read_mapping(CSV))
    assert [one.supplier_sku for one in feed.items] == ["A-1"]
    assert reasons(feed) == ["Title: is not written in utf-8-sig"]


@pytest.mark.parametrize("missing", [1, 2, 20, 40])
def test_a_cut_file_loses_its_last_line_and_is_not_complete(missing: int) -> None:
    whole = lines(row(), row(Code="B"))
    feed = read_mapped_feed(whole[:-missing], read_mapping(CSV))
    # Only a line end of which half is there is still one.
    assert [one.supplier_sku for one in feed.items] == ["A-1", "B"][: 1 + (missing == 1)]
    assert feed.is_complete == (missing == 1)


def test_a_cut_document_keeps_what_came_before() -> None:
    raw = json.dumps({"data": {"products": [product(id=n) for n in range(5)]}}).encode()
    feed = read_mapped_feed(raw[: len(raw) // 2], read_mapping(JSON))
    assert [one.supplier_sku for one in feed.items] == ["0", "1"]
    assert not feed.is_complete
    assert feed.refused[-1].reasons[0].message.startswith("the rest of the list cannot be read")


def test_rows_that_are_no_rows_are_refused() -> None:
    good = lines(row()).decode()
    raw = (
        good
        + 'too,few\r\n"a"b,c\r\n'
        + "\x00\r\n"
        + ",".join(f'"{c}"' for c in row(Code="C"))
        + "\r\n"
    )
    feed = read_mapped_feed(raw.encode(), read_mapping(CSV))
    assert [one.supplier_sku for one in feed.items] == ["A-1", "C"]
    assert reasons(feed)[0] == "$: has 2 columns, the first line has 10"
    assert reasons(feed)[1].startswith("$: line 4: ")
    assert not feed.is_complete  # who knows which products they were


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "first line cannot be read: it is empty"),
        (b"Code,Title\r\n", "does not name 'Brand'"),
        (",".join((*COLUMNS, "Code")).encode() + b"\r\n", "names twice 'Code'"),
    ],
)
def test_a_file_without_its_columns_is_not_read(raw: bytes, message: str) -> None:
    with pytest.raises(FeedUnreadable) as caught:
        read_mapped_feed(raw, read_mapping(CSV))
    assert message in caught.value.message


@pytest.mark.parametrize("raw", [b"{}", b'{"data": []}', b'{"data": {"products": {}}}', b"<html>"])
def test_a_document_without_its_list_is_not_read(raw: bytes) -> None:
    with pytest.raises(FeedUnreadable):
        read_mapped_feed(raw, read_mapping(JSON))


def test_an_item_is_named_in_every_language_that_it_has() -> None:
    fields = {
        **JSON["fields"],  # type: ignore[dict-item]
        "name:ar": "title.ar",
        "name:PT_br": "title.pt",
        "instructions:pt-BR": "how.pt",
        "details:pt-BR": "more.pt",
    }
    whole = product(
        id=7,
        title={"en": "Card", "ar": "بطاقة", "pt": "Cartão"},
        how={"pt": "Mostre o código"},
        more={"pt": "Sem troco"},
    )
    feed = read_json(whole, product(id=8, title={"en": "Card", "ar": ""}), fields=fields)

    assert feed.refused == ()
    assert [one.translations for one in feed.items] == [
        (
            Translation("ar", "بطاقة"),
            Translation("pt-BR", "Cartão", "Mostre o código", "Sem troco"),
        ),
        (),
    ]
    assert {one.locale for one in feed.items} == {"en"}
    assert feed.items[0].digest != read_json(whole).items[0].digest


def test_a_bad_name_in_another_language_refuses_the_item_at_its_column() -> None:
    fields = {**CSV["fields"], "name:fr": "Text"}  # type: ignore[dict-item]
    feed = read_csv(row(Text="x" * 201), fields=fields)
    assert (feed.items, reasons(feed)) == (
        (),
        ["Text: is 201 characters long, at most 200 are taken"],
    )


def test_a_feed_may_be_of_another_language_than_english() -> None:
    fields = {**CSV["fields"], "name:en": "Brand"}  # type: ignore[dict-item]
    (item,) = read_csv(row(Title="Carte"), language="FR-ca", fields=fields).items
    (english,) = read_csv(row(Title="Carte")).items

    assert (item.locale, item.name) == ("fr-CA", "Carte")
    assert item.translations == (Translation("en", "Jarir"),)
    assert english.translations == ()


def test_a_file_with_no_rows_is_not_complete() -> None:
    feed = read_csv()
    assert (feed.items, feed.is_complete) == ((), False)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "xml"},
        {"encoding": "utf-7"},
        {"delimiter": "ab"},
        {"delimiter": '"'},
        {"decimal": ";"},
        {"list": "a..b"},
        {"list": "a[0]"},
        {"separator": "1"},
        {"surprise": 1},
        {"fields": []},
        {"fields": {**CSV["fields"], "pin": "x"}},  # type: ignore[dict-item]
        {"fields": {"sku": "Code"}},
        {"fields": {**CSV["fields"], "fee": {"constant": 1.5}}},  # type: ignore[dict-item]
        {"fields": {**CSV["fields"], "sku": ""}},  # type: ignore[dict-item]
        {"query": "x" * 20_001},
        {"language": "xx"},
        {"language": 7},
        {"fields": {**CSV["fields"], "name:xx": "Title"}},  # type: ignore[dict-item]
        {"fields": {**CSV["fields"], "name:": "Title"}},  # type: ignore[dict-item]
        {"fields": {**CSV["fields"], "name:en": "Title"}},  # type: ignore[dict-item]
        {"fields": {**CSV["fields"], "brand:fr": "Brand"}},  # type: ignore[dict-item]
        {"fields": {**CSV["fields"], "details:fr": "Text"}},  # type: ignore[dict-item]
        {"fields": {**CSV["fields"], "name:fr": "Title", "name:FR": "T"}},  # type: ignore[dict-item]
        {"fields": {**CSV["fields"], **TOO_MANY}},  # type: ignore[dict-item]
    ],
)
def test_a_description_that_says_nothing_clear_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(MappingInvalid):
        read_mapping({**CSV, **change})
