"""Lists of money: a span of time, a page of it from the newest, and totals over all of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from graphql import GraphQLError

from api.graphql.connection import Page
from api.graphql.context import Context
from api.graphql.problems import InvalidInput
from api.graphql.scalars import instant

DEFAULT_SPAN = timedelta(days=31)
SPAN_MAX = timedelta(days=400)
AHEAD = timedelta(minutes=5)
"""A merchant's clock may be a little ahead of ours; its purchases are shown all the same."""


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` until before `until`."""

    since: datetime
    until: datetime


def span_of(context: Context, since: datetime | None, until: datetime | None) -> Span:
    """Check a span of time; without an end it ends now, without a start it is of 31 days."""
    try:
        end = context.now + AHEAD if until is None else instant(until)
        start = end - DEFAULT_SPAN if since is None else instant(since)
    except InvalidInput as refusal:
        reason = str(refusal.facts["reason"])
        raise GraphQLError(reason, extensions={"code": "BAD_ARGUMENT"}) from None
    except OverflowError:
        raise GraphQLError(
            "An instant of the years 1 to 9999.", extensions={"code": "BAD_ARGUMENT"}
        ) from None
    if not timedelta(0) < end - start <= SPAN_MAX:
        raise GraphQLError(
            f"A period is more than nothing and at most {SPAN_MAX.days} days.",
            extensions={"code": "BAD_ARGUMENT"},
        )
    return Span(start, end)


def newest_first(page: Page) -> dict[str, Any]:
    """Say in the terms of a verb which rows of a list with the newest on top a page shows.

    Raises ValueError for a cursor of another list.
    """
    place = None
    if page.key is not None:
        at, key = page.key
        place = (datetime.fromisoformat(at), UUID(hex=key))
        if place[0].tzinfo is None:
            raise ValueError("a cursor of another list")
        place = (place[0].astimezone(UTC), place[1])
    return {
        "after": place if page.is_backwards else None,
        "before": None if page.is_backwards else place,
        "newest_first": not page.is_backwards,
        "limit": page.rows_wanted,
    }
