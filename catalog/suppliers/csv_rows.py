"""Reads the rows of a CSV file one by one, so that a damaged row loses only itself.

The first line names the columns. A row is taken when it has as many columns as that line and ends
with a line end: a last line without one may be a file that was cut, and is refused.
"""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from catalog.suppliers.errors import FeedUnreadable
from catalog.suppliers.json_pages import ITEMS_MAX, Members, Page
from catalog.suppliers.model import Reason

BYTES_MAX = 64 * 1024 * 1024
COLUMNS_MAX = 200
COLUMN_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """Stands where a row cannot be read."""

    message: str


def read_rows(raw: bytes, *, codec: str, delimiter: str, columns: Collection[str]) -> Page:
    """Read the rows of a file, in which `columns` have to be.

    Raises FeedUnreadable when the file is too large, or does not name these columns once each.
    """
    if len(raw) > BYTES_MAX:
        raise FeedUnreadable(f"The file is larger than {BYTES_MAX} bytes.")
    text = raw.decode(codec, errors="surrogateescape")
    rows = _rows(text, delimiter)
    names = _names(next(rows, BrokenRow("it is empty")), columns)
    page = Page()
    for row in rows:
        if len(page.items) >= ITEMS_MAX:
            page.cut = f"more than {ITEMS_MAX} items are not taken"
            break
        page.items.append((_item(row, names), ""))
    if not text.endswith(("\n", "\r")) and page.items:
        page.items[-1] = (BrokenRow("the file ends inside this line"), "")
        page.remarks.append(Reason("$", "the file does not end with a line end"))
    return page


def _names(first: list[str] | BrokenRow, columns: Collection[str]) -> list[str]:
    if isinstance(first, BrokenRow):
        raise FeedUnreadable(f"The file's first line cannot be read: {first.message}.")
    names = [name.strip() for name in first]
    if len(names) > COLUMNS_MAX or max(map(len, names)) > COLUMN_LENGTH_MAX:
        raise FeedUnreadable("The file's first line does not name columns.")
    for column in columns:
        if names.count(column) != 1:
            found = "names twice" if column in names else "does not name"
            raise FeedUnreadable(f"The file's first line {found} {column[:60]!a}.")
    return names


def _item(row: list[str] | BrokenRow, names: list[str]) -> Members | BrokenRow:
    if isinstance(row, BrokenRow):
        return row
    if len(row) != len(names):
        return BrokenRow(f"has {len(row)} columns, the first line has {len(names)}")
    return Members(zip(names, row, strict=True))


def _rows(text: str, delimiter: str) -> Iterator[list[str] | BrokenRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        # A row is not lost because one of its fields is long: that field is refused by its own
        # rule. The limit is the whole process's, so others have theirs back at once.
        usual = csv.field_size_limit(BYTES_MAX)
        row: list[str] | BrokenRow | None
        try:
            row = next(reader, None)
        except csv.Error as error:
            row = BrokenRow(f"line {reader.line_num}: {str(error)[:100]}")
        finally:
            csv.field_size_limit(usual)
        if row is None:
            return
        if row:
            yield row
