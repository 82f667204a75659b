"""Pages of lists in the order of a number or a place, and whose money a caller may see."""

from typing import Any
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.auth.caller import CallerKind
from api.graphql.connection import Page
from api.graphql.context import Context
from api.graphql.nodes import GlobalId, key_of
from api.graphql.problems import InvalidInput


def oldest_first(page: Page, *, places: int) -> dict[str, Any]:
    """Say which rows of a list with the oldest on top a page shows.

    A place is one whole number, or a tuple of `places` of them. Raises ValueError for a cursor of
    another list.
    """
    place = _place(page, places)
    return {
        "after": None if page.is_backwards else place,
        "before": place if page.is_backwards else None,
        "newest_first": page.is_backwards,
        "limit": page.rows_wanted,
    }


def highest_first(page: Page) -> dict[str, Any]:
    """Say which rows of a list with the highest number on top a page shows."""
    place = _place(page, 1)
    return {
        "after": place if page.is_backwards else None,
        "before": None if page.is_backwards else place,
        "newest_first": not page.is_backwards,
        "limit": page.rows_wanted,
    }


def _place(page: Page, places: int) -> Any:
    if page.key is None:
        return None
    if len(page.key) != places or not all(type(one) is int for one in page.key):
        raise ValueError("a cursor of another list")
    return page.key[0] if places == 1 else page.key


def is_staff(info: Info) -> bool:
    """Tell whether the caller is staff, who may see who did what."""
    context: Context = info.context
    return context.known_caller.kind is CallerKind.STAFF


def own_member(context: Context, given: strawberry.ID | None) -> UUID:
    """Tell for which member a request is: a member itself, or whom staff name."""
    named = None if given is None else key_of(context, given, "Member", path=("memberId",))
    caller = context.known_caller
    if caller.member_id is not None:
        if named not in (None, caller.member_id):
            raise InvalidInput(reason="A member acts for itself.", path=("memberId",))
        return caller.member_id
    if named is None:
        raise InvalidInput(reason="Name the member.", path=("memberId",))
    return named


def own_id(context: Context) -> UUID | None:
    """Tell whose rows alone a caller may change: its own, or with None anybody's."""
    caller = context.known_caller
    return caller.member_id or caller.partner_id


def key_or_none(context: Context, text: str, type_: str) -> UUID | None:
    """Read the key of an id that a query names; one that names nothing of that type is None."""
    found = GlobalId.parse(text)
    if found is None or found.type != type_ or found.network_id != context.network_id:
        return None
    return found.id
