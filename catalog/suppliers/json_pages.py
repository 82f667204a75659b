"""Reads a page of JSON items one by one, so that a damaged page loses only its damaged part.

Understands a bare list and an object in which the list stands under a name, or a path of names. Hostile bytes end in
`FeedUnreadable` or in fewer items, never in another exception: sizes, depth and the length of
numbers are bounded, numbers are exact, and what cannot be read is said.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from catalog.suppliers.errors import FeedUnreadable
from catalog.suppliers.long_texts import RAW_BYTES_MAX, cut_long_texts
from catalog.suppliers.model import Reason

BYTES_MAX = 20 * 1024 * 1024
ITEMS_MAX = 50_000
DEPTH_MAX = 16
NUMBER_LENGTH_MAX = 40
EXPONENT_MAX = 20

_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class BadNumber:
    """Stands where a number cannot be taken exactly: NaN, Infinity, too long or too large."""

    text: str


class Members(dict[str, Any]):
    """A JSON object that remembers which names were given twice."""

    repeated: tuple[str, ...] = ()


@dataclass(slots=True)
class Page:
    """What could be read of one page."""

    items: list[tuple[Any, str]] = field(default_factory=list)
    """Each item with its own text, exactly as it stands in the page."""
    facts: dict[str, Any] = field(default_factory=dict)
    """The other members of the page object."""
    cut: str | None = None
    """Why reading stopped inside the list; None when its end was reached."""
    remarks: list[Reason] = field(default_factory=list)
    """What else speaks against the page being whole."""


class _BrokenError(Exception):
    """The text is not JSON from here on."""


def read_page(
    raw: bytes,
    *,
    list_path: str = "content",
    codec: str = "utf-8-sig",
    bytes_max: int = BYTES_MAX,
) -> Page:
    """Read a page of items. Raises FeedUnreadable when not even the list can be found.

    `list_path` names the members on the way to the list, with dots between them.
    """
    if len(raw) <= RAW_BYTES_MAX:
        raw = cut_long_texts(raw)
    if len(raw) > bytes_max:
        raise FeedUnreadable(f"The file is larger than {bytes_max} bytes.")
    # Bytes that are not of the encoding become lone surrogates and are refused where they stand.
    reader = _Reader(raw.decode(codec, errors="surrogateescape"))
    mark = reader.peek()
    if mark not in ("[", "{"):
        raise FeedUnreadable("The file is neither a JSON list nor a JSON object.")
    page = Page()
    try:
        if mark == "[":
            reader.read_list(page)
        else:
            reader.read_object(page, list_path.split("."))
        if page.cut is None and reader.peek():
            raise reader.broken("more text follows the end")
    except _BrokenError as broken:
        page.remarks.append(Reason("$", str(broken)))
    if not reader.has_list:
        why = f" ({page.remarks[0].message})" if page.remarks else ""
        raise FeedUnreadable(f"The file has no list of items named {list_path}{why}.")
    return page


class _Reader:
    """A place in a JSON text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.has_list = False

    def peek(self) -> str:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def take(self, *marks: str) -> str:
        mark = self.peek()
        if mark not in marks or not mark:
            raise self.broken("the file ends here" if not mark else "the JSON is broken")
        self.at += 1
        return mark

    def broken(self, what: str) -> _BrokenError:
        return _BrokenError(f"{what} (character {self.at} of {len(self.text)})")

    def value(self) -> Any:
        self.peek()
        try:
            value, self.at = _DECODER.raw_decode(self.text, self.at)
        except json.JSONDecodeError as error:
            ended = error.pos >= len(self.text) or "Unterminated" in error.msg
            raise self.broken("cut off or broken JSON" if ended else "broken JSON") from None
        except RecursionError:
            raise self.broken("the JSON is nested too deeply") from None
        return value

    def read_list(self, page: Page) -> None:
        self.take("[")
        self.has_list = True
        if self.peek() == "]":
            self.at += 1
            return
        mark = ","
        try:
            while mark == ",":
                if len(page.items) >= ITEMS_MAX:
                    raise self.broken(f"more than {ITEMS_MAX} items are not taken")
                self.peek()
                start = self.at
                value = self.value()
                page.items.append((value, self.text[start : self.at]))
                mark = self.take(",", "]")
        except _BrokenError as broken:
            page.cut = str(broken)

    def read_object(self, page: Page, path: list[str]) -> None:
        """Read the page object: its list of items and the facts around it."""
        self.take("{")
        mark = "}" if self.peek() == "}" else ","
        self.at += mark == "}"
        while mark == "," and page.cut is None:
            name = self.value()
            self.take(":")
            if name == path[0] and self.peek() == ("{" if path[1:] else "["):
                if self.has_list:
                    raise self.broken("there is a second list of items")
                if path[1:]:
                    self.read_object(page, path[1:])
                else:
                    self.read_list(page)
            elif isinstance(name, str):
                page.facts[name] = self.value()
            else:
                raise self.broken("the JSON is broken")
            if page.cut is None:
                mark = self.take(",", "}")


def _number(text: str) -> Decimal | BadNumber:
    if len(text) > NUMBER_LENGTH_MAX:
        return BadNumber(text[:NUMBER_LENGTH_MAX])
    try:
        number = Decimal(text)
    except InvalidOperation:
        return BadNumber(text)
    if not number.is_finite() or abs(number.adjusted()) > EXPONENT_MAX:
        return BadNumber(text)
    return number


def _integer(text: str) -> int | BadNumber:
    if len(text) > NUMBER_LENGTH_MAX:
        return BadNumber(text[:NUMBER_LENGTH_MAX])
    return int(text)


def _members(pairs: list[tuple[str, Any]]) -> Members:
    members = Members(pairs)
    if len(members) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        members.repeated = tuple(name for name, count in counts.items() if count > 1)
    return members


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_float=_number,
    parse_int=_integer,
    parse_constant=BadNumber,
)
