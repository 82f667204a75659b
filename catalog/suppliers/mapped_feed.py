"""Reads a feed in any shape that a network has described: CSV or JSON, by a mapping."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from catalog.availability import Availability, level_of_pieces
from catalog.suppliers.csv_rows import BYTES_MAX, BrokenRow, read_rows
from catalog.suppliers.feed_checks import ItemFields, shown
from catalog.suppliers.feed_mapping import FeedFormat, FeedMapping
from catalog.suppliers.feed_rules import ReadItem, refuse_absurd_prices, refuse_duplicates
from catalog.suppliers.json_pages import Members, Page, read_page
from catalog.suppliers.model import (
    Denomination,
    Feed,
    FeedItem,
    Reason,
    RefusedItem,
    Translation,
)
from catalog.suppliers.text_numbers import read_number
from payouts.money import Money

FACES_MAX = 500
SKU_LENGTH_MAX = 100
_SKU = re.compile(r"[!-~]{1,100}")
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})
STOCK_MAX = 10**12
_LEVELS: Mapping[str, Availability] = {
    **dict.fromkeys(_TRUE | {"in stock", "available"}, Availability.IN_STOCK),
    **dict.fromkeys(("low", "low stock", "limited"), Availability.LOW),
    **dict.fromkeys(_FALSE | {"out", "out of stock", "sold out", "unavailable"}, Availability.OUT),
    "unknown": Availability.UNKNOWN,
}


def read_mapped_feed(raw: bytes, mapping: FeedMapping) -> Feed:
    """Read a feed; changes nothing.

    Every item stands alone: a bad one is refused with its reasons, the others are taken. Raises
    FeedUnreadable when the bytes hold no list of items at all, or not the columns of the mapping.
    """
    if mapping.format is FeedFormat.CSV:
        columns = [one.path for one in mapping.fields.values() if one.path is not None]
        page = read_rows(raw, codec=mapping.codec, delimiter=mapping.delimiter, columns=columns)
    else:
        page = read_page(raw, list_path=mapping.list_path, codec=mapping.codec, bytes_max=BYTES_MAX)
    return read_mapped_page(page, mapping)


def read_mapped_page(
    page: Page, mapping: FeedMapping, *, faults: Mapping[int, str] | None = None
) -> Feed:
    """Read the items of a page; `page.remarks` say what else speaks against its being whole.

    `faults` are what their supplier itself says against items, by their place.
    """
    told = faults or {}
    read = [
        _read_element(index, value, mapping, told.get(index))
        for index, (value, _) in enumerate(page.items)
    ]
    values = [value if isinstance(value, Members) else Members() for value, _ in page.items]
    read = refuse_duplicates(read, values, path=mapping.fields["sku"].path or "sku")
    read = refuse_absurd_prices(read)
    refused = [RefusedItem(one.index, one.sku, one.reasons) for one in read if one.item is None]
    if page.cut is not None:
        reason = Reason("$", f"the rest of the list cannot be read: {page.cut}")
        refused.append(RefusedItem(len(read), None, (reason,)))
    remarks = (*page.remarks, *_doubts(page, refused))
    return Feed(
        items=tuple(one.item for one in read if one.item is not None),
        refused=tuple(refused),
        is_complete=not remarks,
        remarks=remarks,
    )


def _doubts(page: Page, refused: Sequence[RefusedItem]) -> list[Reason]:
    """Say why the page may not be the whole catalogue."""
    if page.cut is not None:
        return [Reason("$", page.cut)]
    if any(one.supplier_sku is None for one in refused):
        return [Reason("$", "a refused item does not say which product it is")]
    return [] if page.items else [Reason("$", "there are no items")]


class _MappedFields(ItemFields):
    """The fields of an item under the names of the mapping, wherever they stand."""

    def __init__(self, item: Members, mapping: FeedMapping) -> None:
        super().__init__(item)
        self.mapping = mapping

    def refuse(self, path: str, message: str) -> None:
        """Note a reason, by the column or path where the item has what is wrong."""
        name, dot, rest = path.partition(".")
        source = self.mapping.fields.get(name)
        place = source.path if source is not None and source.path is not None else name
        super().refuse(f"{place}{dot}{rest}", message)

    def raw(self, path: str) -> Any:
        """Look a field up; an empty cell is none."""
        source = self.mapping.fields.get(path)
        if source is None:
            return None
        if source.path is None:
            return source.constant
        if self.mapping.format is FeedFormat.CSV:
            return self.item.get(source.path) or None
        return super().raw(source.path)

    def number(self, path: str, value: Any) -> Decimal | None:
        """Take a number as it is written, or as text where the mapping says so."""
        if isinstance(value, str) and self.mapping.are_numbers_text:
            number = read_number(value, decimal_separator=self.mapping.decimal_separator)
            if isinstance(number, Decimal):
                return number
            self.refuse(path, f"{number}, is {shown(value)}")
            return None
        exact = super().number(path, value)
        exponent = exact.as_tuple().exponent if exact is not None else 0
        if isinstance(exponent, int) and exponent > 0:  # 1e2: made by a program that uses floats
            self.refuse(path, f"is written with an exponent, is {shown(str(value))}")
            return None
        return exact

    def sku(self) -> str | None:
        """Read the supplier's own number or name of the item: text without spaces."""
        sku = _sku_of(self.raw("sku"))
        if sku is None:
            message = f"must be 1 to {SKU_LENGTH_MAX} signs of ASCII without spaces"
            self.refuse("sku", f"{message}, is {shown(self.raw('sku'))}")
        return sku

    def several(self, name: str) -> list[Any]:
        """Read a list, or one text that has several values with a separator between them."""
        value = self.raw(name)
        if value is None:
            return []
        if isinstance(value, str):
            return [part.strip() for part in value.split(self.mapping.list_separator)]
        return value if isinstance(value, list) else [value]

    def truth(self, name: str, *, default: bool) -> bool | None:
        """Read an optional truth value, also as text or as 1 and 0."""
        value = self.raw(name)
        if value is None:
            return default
        text = str(value).strip().lower() if isinstance(value, str | int) else ""
        if text not in _TRUE | _FALSE:
            self.refuse(name, f"must be true or false, is {shown(value)}")
            return None
        return text in _TRUE

    def availability(self) -> Availability | None:
        """Read what is said of the stock: a word for it, or how many there are; None: nothing."""
        word, count = self.raw("availability"), self.raw("stock")
        if word is not None:
            text = str(word).strip().lower() if isinstance(word, str | int) else ""
            level = _LEVELS.get(text.replace("_", " ").replace("-", " "))
            if level is None:
                choices = "in stock, low, out of stock, unknown, or true or false"
                self.refuse("availability", f"must be {choices}, is {shown(word)}")
            return level
        number = None if count is None else self.number("stock", count)
        if number is None:
            return None
        if number != number.to_integral_value() or abs(number) > STOCK_MAX:
            self.refuse("stock", f"must be a whole number of cards, is {shown(count)}")
            return None
        return level_of_pieces(int(number))

    def _checked(self, path: str, text: str, length_max: int, *, lines: bool) -> str | None:
        if not text.isascii() and len(text) <= length_max:
            if any(0xDC80 <= ord(sign) <= 0xDCFF for sign in text):
                self.refuse(path, f"is not written in {self.mapping.encoding}")
                return None
            if not self.mapping.encoding.startswith("utf-8") and _is_utf_8(text, self.mapping):
                self.refuse(path, f"is written in utf-8, not in {self.mapping.encoding}")
                return None
        return super()._checked(path, text, length_max, lines=lines)


def _is_utf_8(text: str, mapping: FeedMapping) -> bool:
    """Whether the bytes of a text of one byte a sign are those of UTF-8; by chance they hardly are."""
    try:
        text.encode(mapping.codec).decode("utf-8")
    except UnicodeError:
        return False
    return True


def _read_element(index: int, value: Any, mapping: FeedMapping, fault: str | None) -> ReadItem:
    if isinstance(value, BrokenRow):
        return ReadItem(index, None, None, (Reason("$", value.message),))
    if not isinstance(value, Members):
        reason = Reason("$", f"must be an object, is {shown(value)}")
        return ReadItem(index, None, None, (reason,))
    fields = _MappedFields(value, mapping)
    if fault is not None:
        fields.reasons.append(Reason("$", fault))
    fields.refuse_shape()
    item = _read_item(fields)
    sku = _sku_of(fields.raw("sku"))
    return ReadItem(index, sku, None if fields.reasons else item, tuple(fields.reasons))


def _sku_of(value: Any) -> str | None:
    text = str(value) if type(value) is int else value
    if isinstance(text, str) and _SKU.fullmatch(text.strip()):
        return text.strip()
    return None


def _read_item(fields: _MappedFields) -> FeedItem | None:
    face_currency = fields.currency("currency")
    is_in_another = fields.raw("cost_currency") is not None
    cost_currency = fields.currency("cost_currency") if is_in_another else face_currency
    brand_name = fields.text("brand")
    fee = fields.raw("fee")
    has_fee, has_category = fee is not None, fields.raw("category") is not None
    values = {
        "supplier_sku": fields.sku(),
        "name": fields.text("name"),
        "brand_name": brand_name,
        "brand_key": _brand_key(fields, brand_name),
        "country": fields.country("country"),
        "fee": fields.money("fee", fee if has_fee else 0, cost_currency, zero=True),
        "fee_percent": fields.percent("fee_percent"),
        "discount_percent": fields.percent("discount_percent"),
        "instructions_concise": fields.lines("instructions"),
        "instructions_verbose": fields.lines("details"),
        "is_active": fields.truth("is_active", default=True),
        "availability": fields.availability(),
    }
    category = fields.text("category") if has_category else None
    logo_urls = _read_urls(fields)
    denominations = _read_denominations(fields, face_currency, cost_currency)
    translations = _read_translations(fields)
    if fields.reasons or face_currency is None or cost_currency is None:
        return None
    return FeedItem(
        **values,  # type: ignore[arg-type]
        category=category,
        face_currency=face_currency,
        cost_currency=cost_currency,
        denominations=denominations,
        face_range=None,
        logo_urls=logo_urls,
        translations=translations,
        locale=fields.mapping.locale,
    )


def _read_translations(fields: _MappedFields) -> tuple[Translation, ...]:
    """Read what the item is called in other languages; it need not have a name in each."""
    said = []
    for locale in fields.mapping.translated:
        if fields.raw(f"name:{locale}") in (None, ""):
            continue
        name = fields.text(f"name:{locale}")
        concise, verbose = fields.lines(f"instructions:{locale}"), fields.lines(f"details:{locale}")
        if name is not None and concise is not None and verbose is not None:
            said.append(Translation(locale, name, concise, verbose))
    return tuple(said)


def _brand_key(fields: _MappedFields, brand_name: str | None) -> str | None:
    """Name a brand by what the feed calls it, in signs that any brand's name may be made of."""
    given = fields.raw("brand_key")
    key = brand_name if given is None else given
    if key is None:  # the brand was refused
        return None
    if not isinstance(key, str | int):
        fields.refuse("brand_key", f"must be text or a whole number, is {shown(key)}")
        return None
    return hashlib.sha256(str(key).strip().casefold().encode("utf-8", "surrogatepass")).hexdigest()[
        :16
    ]


def _read_urls(fields: _MappedFields) -> tuple[str, ...]:
    checked = ItemFields(Members(logo_urls=fields.several("logo_urls")))
    urls = checked.urls("logo_urls")
    for reason in checked.reasons:
        fields.refuse(reason.path, reason.message)
    return urls


def _read_denominations(
    fields: _MappedFields, face_currency: str | None, cost_currency: str | None
) -> tuple[Denomination, ...]:
    """Read the faces and their costs; without costs, a face costs itself before the discount."""
    faces = _read_amounts(fields, "faces", face_currency)
    if faces is None:
        return ()
    costs: list[Money] | None = faces
    if fields.raw("costs") is not None:
        costs = _read_amounts(fields, "costs", cost_currency)
    elif face_currency != cost_currency:
        fields.refuse("costs", "must be there, as the cost is in another currency")
    if costs is None:
        return ()
    if len(costs) != len(faces):
        fields.refuse("costs", f"has {len(costs)} costs for {len(faces)} face values")
        return ()
    if len(set(faces)) != len(faces):
        fields.refuse("faces", "names a face value twice")
    pairs = sorted(zip(faces, costs, strict=True), key=lambda pair: pair[0].minor)
    return tuple(Denomination(face, cost) for face, cost in pairs)


def _read_amounts(fields: _MappedFields, name: str, currency: str | None) -> list[Money] | None:
    values = fields.several(name)
    if not 0 < len(values) <= FACES_MAX:
        fields.refuse(name, f"must have 1 to {FACES_MAX} values, has {len(values)}")
        return None
    amounts = [
        fields.money(f"{name}.{index}" if len(values) > 1 else name, value, currency)
        for index, value in enumerate(values)
    ]
    known = [amount for amount in amounts if amount is not None]
    return known if len(known) == len(amounts) else None
