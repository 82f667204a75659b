"""Lists: Relay connections with keyset cursors, bounded, stable under writes."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
import strawberry
from graphql import GraphQLError

PAGE_MAX = 100
CURSOR_LENGTH_MAX = 400

T = TypeVar("T")
Key = tuple[Any, ...]


@strawberry.federation.type(shareable=True, description="Where a page stands in its list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="One object of a list and its place in it.")
class Edge(Generic[T]):
    """An entry of a connection."""

    cursor: str
    node: T


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A bounded list."""

    edges: list[Edge[T]]
    page_info: PageInfo


@dataclass(frozen=True, slots=True)
class Page:
    """What to read: `limit` rows after (or, backwards, before) a key. Ask for `limit + 1`."""

    limit: int
    key: Key | None
    is_backwards: bool

    @property
    def rows_wanted(self) -> int:
        """One row more than shown tells whether there is another page."""
        return self.limit + 1


def page_of(*, first: int | None, after: str | None, last: int | None, before: str | None) -> Page:
    """Check the arguments of a connection; exactly one of first and last is required."""
    if (first is None) == (last is None):
        raise _bad("Give first or last, and not both.")
    limit = first if first is not None else last
    assert limit is not None
    if not 1 <= limit <= PAGE_MAX:
        raise _bad(f"A page has 1 to {PAGE_MAX} entries.")
    cursor = after if first is not None else before
    return Page(limit, None if cursor is None else decode_cursor(cursor), last is not None)


def encode_cursor(key: Key) -> str:
    """Write the key of a row as an opaque cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(list(key))).decode().rstrip("=")


def decode_cursor(text: str) -> Key:
    """Read a cursor; one that we did not write is a request error."""
    if not text.isascii() or len(text) > CURSOR_LENGTH_MAX:
        raise _bad("This is not a cursor of this list.")
    try:
        found = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, orjson.JSONDecodeError):
        raise _bad("This is not a cursor of this list.") from None
    if not isinstance(found, list) or not 1 <= len(found) <= 4 or not all(map(_is_part, found)):
        raise _bad("This is not a cursor of this list.")
    return tuple(found)


def _is_part(value: object) -> bool:
    if isinstance(value, str):
        return "\0" not in value
    return type(value) is int and -(2**63) <= value < 2**63


def _bad(reason: str) -> GraphQLError:
    return GraphQLError(reason, extensions={"code": "BAD_ARGUMENT"})


async def connect(
    page: Page,
    *,
    read: Callable[[Page], Awaitable[Sequence[Any]]],
    key: Callable[[Any], Key],
    show: Callable[[Any], T],
) -> tuple[list[Edge[T]], PageInfo]:
    """Read a page and lay it out.

    `read` returns up to `page.rows_wanted` rows in reading order: forwards from the key, or
    backwards from it when `page.is_backwards`; the page is always shown in list order. A cursor
    whose values do not fit the list's key (wrong types) must be refused by `read` with ValueError.
    """
    try:
        rows = list(await read(page))
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        # UUID(hex=1) is an AttributeError, an instant before the year 1 an OverflowError
        if page.key is None:
            raise
        raise _bad("This is not a cursor of this list.") from error
    has_more = len(rows) > page.limit
    rows = rows[: page.limit]
    if page.is_backwards:
        rows.reverse()
    edges = [Edge(cursor=encode_cursor(key(row)), node=show(row)) for row in rows]
    return edges, PageInfo(
        has_next_page=page.key is not None if page.is_backwards else has_more,
        has_previous_page=has_more if page.is_backwards else page.key is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
