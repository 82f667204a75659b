"""Texts in several languages, as they are sent and as one of them is shown."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.languages import Locale, TextDirection, direction_of, wanted_locales
from api.graphql.problems import InvalidInput
from partners.networks import check_locale, choose_locale, get_network

Text = TypeVar("Text")


@strawberry.input(description="A text in one language.")
class LocalizedTextInput:
    """One language of a text."""

    locale: str = strawberry.field(
        description="A language by its BCP 47 tag, such as en, ar-SA or zh-Hant."
    )
    text: str


@strawberry.type(description="A text in one language.")
class LocalizedText:
    """One language of a text, as it is shown."""

    locale: Locale
    direction: TextDirection
    text: str


def texts(given: Sequence[LocalizedTextInput], *path: str) -> dict[str, str]:
    """Read a text in several languages; one given twice is refused, and so is one there is not."""
    found = {
        check_locale(one.locale, *path, str(place), "locale"): one.text
        for place, one in enumerate(given)
    }
    if len(found) != len(given):
        raise InvalidInput(reason="Give each language once.", path=path)
    return found


def show_texts(text: Mapping[str, str]) -> list[LocalizedText]:
    """Show a text in all its languages, by their tags."""
    return [
        LocalizedText(locale=Locale(one), direction=direction_of(one), text=text[one])
        for one in sorted(text)
    ]


async def text_in(info: Info, texts: Mapping[str, Text], locale: Locale | None) -> Text:
    """Pick the text of the asked locale, else of the request's; the network's own comes next."""
    return texts[await locale_in(info, texts, locale)]


async def locale_in(info: Info, known: Collection[str], locale: Locale | None) -> str:
    """Tell in which of the languages that there are a text is shown."""
    wanted = wanted_locales(info.context, locale)
    if wanted[0] in known:
        return wanted[0]
    if len(known) == 1:
        return next(iter(known))
    network = await own_network(info.context)
    return choose_locale(known, (*wanted, network.default_locale))


async def own_network(context: Context) -> Any:
    """Read the caller's network, once for a request."""

    async def load(keys: list[UUID]) -> list[Any]:
        async with context.reading() as db:
            network = await get_network(db, network_id=context.network_id)
        return [network for _ in keys]

    return await context.loader("own network", load).load(UUID(int=context.network_id))
