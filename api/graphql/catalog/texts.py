"""Texts in the language of the reader."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.scalars import Locale
from catalog.brands import in_locale
from partners.networks import get_network

Text = TypeVar("Text")


async def text_in(info: Info, texts: Mapping[str, Text], locale: Locale | None) -> Text:
    """Pick the text of the asked locale, else of the request's; the network's own comes next."""
    wanted = info.context.locale if locale is None else locale.value
    if wanted in texts or len(texts) == 1:
        return texts.get(wanted) or next(iter(texts.values()))
    network = await own_network(info.context)
    return in_locale(texts, wanted, network.default_locale)


async def own_network(context: Context) -> Any:
    """Read the caller's network, once for a request."""

    async def load(keys: list[UUID]) -> list[Any]:
        async with context.reading() as db:
            network = await get_network(db, network_id=context.network_id)
        return [network for _ in keys]

    return await context.loader("own network", load).load(UUID(int=context.network_id))
