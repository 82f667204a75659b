"""Texts in several languages, as they are sent and as one of them is shown."""

from collections.abc import Mapping, Sequence

import strawberry
from strawberry.types import Info

from api.graphql.problems import InvalidInput
from api.graphql.scalars import Locale
from partners.networks import name_in


@strawberry.input(description="A text in one language.")
class LocalizedTextInput:
    """One language of a text."""

    locale: str = strawberry.field(description="A language such as en, or ar-SA.")
    text: str


def texts(given: Sequence[LocalizedTextInput], *path: str) -> dict[str, str]:
    """Read a text in several languages; one given twice is refused."""
    found = {one.locale: one.text for one in given}
    if len(found) != len(given):
        raise InvalidInput(reason="Give each language once.", path=path)
    return found


def text_in(info: Info, text: Mapping[str, str], locale: Locale | None) -> str:
    """Pick a text in the language asked for, or else in that of the request."""
    return name_in(text, info.context.locale if locale is None else locale.value)
