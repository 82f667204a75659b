"""How a network describes a supplier's feed: its format, and where each field of an item stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from catalog.suppliers.errors import MappingInvalid
from catalog.suppliers.model import FEED_LOCALE
from partners.networks import LOCALES_MAX, find_locale

CODECS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "windows-1256": "cp1256",
    "iso-8859-1": "latin-1",
}
REQUIRED = ("sku", "name", "brand", "country", "currency", "faces")
OPTIONAL = (
    "brand_key",
    "category",
    "costs",
    "cost_currency",
    "fee",
    "fee_percent",
    "discount_percent",
    "logo_urls",
    "instructions",
    "details",
    "is_active",
    "availability",
    "stock",
)
TRANSLATED = ("name", "instructions", "details")
"""Fields that may also be named in other languages, as in name:fr."""
PATH_LENGTH_MAX = 200
QUERY_LENGTH_MAX = 20_000
_LIST = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*|", re.ASCII)


class FeedFormat(StrEnum):
    """How a feed is written."""

    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class FieldSource:
    """Where a field comes from: a column, a dotted path, or the same constant for every item."""

    path: str | None = None
    constant: str | bool | int | None = None


@dataclass(frozen=True, slots=True)
class FeedMapping:
    """How to read a feed's items."""

    format: FeedFormat
    fields: Mapping[str, FieldSource]
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    list_path: str = ""
    """Where a JSON document has its list of items; empty when it is that list."""
    are_numbers_text: bool = False
    """Whether numbers are written as text, in the digits of any script; in CSV all are."""
    decimal_separator: str = "."
    list_separator: str = "|"
    """What stands between several faces or addresses in one text."""
    query: str | None = field(default=None, repr=False)
    """The GraphQL query that asks for a page of items."""
    locale: str = FEED_LOCALE
    """The language of the fields that name none."""

    @property
    def country(self) -> str | None:
        """The country of every item, where the description says one for all."""
        constant = self.fields["country"].constant
        return constant if isinstance(constant, str) else None

    @property
    def translated(self) -> tuple[str, ...]:
        """The other languages in which items have a name."""
        return tuple(sorted(one.partition(":")[2] for one in self.fields if one[:5] == "name:"))

    @property
    def codec(self) -> str:
        """The name by which Python knows the encoding."""
        return CODECS[self.encoding]


def read_mapping(document: Any) -> FeedMapping:
    """Read the description of a feed, as a network saves it. Raises MappingInvalid."""
    if not isinstance(document, Mapping):
        raise MappingInvalid("A description is an object.")
    known = {"format", "fields", "encoding", "delimiter", "list", "numbers", "decimal"}
    for name in sorted(set(map(str, document)) - known - {"separator", "query", "language"}):
        raise MappingInvalid(f"A description has no {name[:60]!a}.", path=(name[:60],))
    format_ = _choice(document, "format", ("csv", "json"))
    separator = _mark(document, "separator", "|")
    decimal = _choice(document, "decimal", (".", ","), ".")
    list_path = document.get("list", "")
    if not isinstance(list_path, str) or not _LIST.fullmatch(list_path[:PATH_LENGTH_MAX]):
        raise MappingInvalid("The list is named by a dotted path.", path=("list",))
    query = document.get("query")
    if query is not None and not (isinstance(query, str) and 0 < len(query) <= QUERY_LENGTH_MAX):
        raise MappingInvalid("The query is a text of bounded length.", path=("query",))
    fields = _fields(document.get("fields"))
    return FeedMapping(
        format=FeedFormat(format_),
        fields=fields,
        encoding=_choice(document, "encoding", tuple(CODECS), "utf-8-sig"),
        delimiter=_mark(document, "delimiter", ","),
        list_path=list_path,
        are_numbers_text=format_ == "csv"
        or _choice(document, "numbers", ("text", "number"), "number") == "text",
        decimal_separator=decimal,
        list_separator=separator,
        query=query,
        locale=_language(document, fields),
    )


def _choice(
    document: Mapping[str, Any], name: str, choices: tuple[str, ...], default: str = ""
) -> str:
    value = document.get(name, default)
    if not isinstance(value, str) or value not in choices:
        raise MappingInvalid(f"{name} is one of {', '.join(choices)}.", path=(name,))
    return value


def _mark(document: Mapping[str, Any], name: str, default: str) -> str:
    """Read one sign that stands between values; letters, digits, quotes and breaks are not."""
    value = document.get(name, default)
    if not isinstance(value, str) or len(value) != 1 or value.isalnum() or value in "\"'\r\n. \\":
        raise MappingInvalid(f"{name} is one sign, such as {default}.", path=(name,))
    return value


def _fields(given: Any) -> dict[str, FieldSource]:
    if not isinstance(given, Mapping):
        raise MappingInvalid("The fields are an object.", path=("fields",))
    fields: dict[str, FieldSource] = {}
    for name, value in given.items():
        known = _field_name(str(name))
        if known is None or known in fields:
            raise MappingInvalid(f"An item has no {str(name)[:60]!a}.", path=("fields",))
        fields[known] = _source(known, value)
    for name in REQUIRED:
        if name not in fields:
            raise MappingInvalid(f"Nothing says where {name} stands.", path=("fields", name))
    if "availability" in fields and "stock" in fields:
        raise MappingInvalid(
            "An item has an availability or a stock, not both.", path=("fields", "stock")
        )
    return fields


def _field_name(name: str) -> str | None:
    """Read the name of a field, perhaps in a language; None when items have none such."""
    field_name, colon, tag = name.partition(":")
    if not colon:
        return name if name in REQUIRED + OPTIONAL else None
    locale = find_locale(tag)
    return None if locale is None or field_name not in TRANSLATED else f"{field_name}:{locale}"


def _language(document: Mapping[str, Any], fields: Mapping[str, FieldSource]) -> str:
    """Read the feed's own language, and hold the others against it."""
    given = document.get("language", FEED_LOCALE)
    own = find_locale(given) if isinstance(given, str) else None
    if own is None:
        raise MappingInvalid("The language is a tag such as en or pt-BR.", path=("language",))
    others = {name.partition(":")[2] for name in fields if ":" in name}
    if own in others:
        raise MappingInvalid(f"{own} is the language of the whole feed.", path=("fields",))
    if len(others) >= LOCALES_MAX:
        raise MappingInvalid(f"A feed speaks up to {LOCALES_MAX} languages.", path=("fields",))
    for locale in sorted(others):
        if f"name:{locale}" not in fields:
            raise MappingInvalid(f"Nothing says where name:{locale} stands.", path=("fields",))
    return own


def _source(name: str, value: Any) -> FieldSource:
    if isinstance(value, str) and 0 < len(value) <= PATH_LENGTH_MAX:
        return FieldSource(path=value)
    if isinstance(value, Mapping) and set(value) == {"constant"}:
        constant = value["constant"]
        if isinstance(constant, str | bool | int) and len(str(constant)) <= PATH_LENGTH_MAX:
            return FieldSource(constant=constant)
    raise MappingInvalid(
        'A field is a column or path, or {"constant": a text, a whole number, true or false}.',
        path=("fields", name),
    )
