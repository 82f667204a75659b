"""How a network describes a supplier's feed: its format, and where each field of an item stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from catalog.suppliers.errors import MappingInvalid

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

    @property
    def country(self) -> str | None:
        """The country of every item, where the description says one for all."""
        constant = self.fields["country"].constant
        return constant if isinstance(constant, str) else None

    @property
    def codec(self) -> str:
        """The name by which Python knows the encoding."""
        return CODECS[self.encoding]


def read_mapping(document: Any) -> FeedMapping:
    """Read the description of a feed, as a network saves it. Raises MappingInvalid."""
    if not isinstance(document, Mapping):
        raise MappingInvalid("A description is an object.")
    known = {"format", "fields", "encoding", "delimiter", "list", "numbers", "decimal"}
    for name in sorted(set(map(str, document)) - known - {"separator", "query"}):
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
    return FeedMapping(
        format=FeedFormat(format_),
        fields=_fields(document.get("fields")),
        encoding=_choice(document, "encoding", tuple(CODECS), "utf-8-sig"),
        delimiter=_mark(document, "delimiter", ","),
        list_path=list_path,
        are_numbers_text=format_ == "csv"
        or _choice(document, "numbers", ("text", "number"), "number") == "text",
        decimal_separator=decimal,
        list_separator=separator,
        query=query,
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
    for name in given:
        if name not in REQUIRED + OPTIONAL:
            raise MappingInvalid(f"An item has no {str(name)[:60]!a}.", path=("fields",))
    fields = {name: _source(name, value) for name, value in given.items()}
    for name in REQUIRED:
        if name not in fields:
            raise MappingInvalid(f"Nothing says where {name} stands.", path=("fields", name))
    if "availability" in fields and "stock" in fields:
        raise MappingInvalid(
            "An item has an availability or a stock, not both.", path=("fields", "stock")
        )
    return fields


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
