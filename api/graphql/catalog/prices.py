"""Prices, line by line."""

from dataclasses import dataclass
from typing import Any, Self

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from api.graphql.catalog.texts import own_network
from api.graphql.context import Context
from api.graphql.scalars import Decimal, Money, show_money
from catalog.pricing import (
    Price,
    PriceBook,
    PriceLineKind,
    price_cheapest,
    read_price_book,
)
from catalog.rewards import FaceNotOnSale, Reward, list_sources
from payouts.fx import FxRateMissing, FxRateStale
from payouts.money import Money as Amount

strawberry.enum(PriceLineKind, description="What a line of a price is for.")


@strawberry.type(description="A line of a price.")
class PriceLine:
    """One line."""

    kind: PriceLineKind
    amount: Money = strawberry.field(description="In the member's currency; a discount is below 0.")


@strawberry.type(description="What one piece costs: exact lines that sum to the total.")
class PriceQuote:
    """A price as it is shown."""

    lines: list[PriceLine]
    total: Money
    fx_rate: Decimal = strawberry.field(
        description="The rate from the supplier's currency that was used; 1 when there was none."
    )

    @classmethod
    def from_domain(cls, price: Price) -> Self:
        """Show a price."""
        return cls(
            lines=[PriceLine(kind=one.kind, amount=show_money(one.amount)) for one in price.lines],
            total=show_money(price.total),
            fx_rate=Decimal(price.fx_rate.text),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A reward whose prices are asked for; each asking is a key of its own."""

    reward: Reward


async def price_of(info: Info, reward: Reward, face: Amount | None) -> PriceQuote | None:
    """Price a reward in the network's currency; None without a fresh exchange rate.

    Of several suppliers the cheapest counts, as if all delivered well; the quote knows better.
    What the prices of a page depend on is read once, for all of its rewards together.
    """
    context: Context = info.context

    async def load(keys: list[Any]) -> list[tuple[PriceBook, list[Reward]]]:
        network = await own_network(context)
        shown = {one.reward.reward_id: one.reward for one in keys}
        async with context.reading() as db:
            found = await list_sources(db, network_id=context.network_id, shown=shown.values())
            sources = {key: found.get(key, [one]) for key, one in shown.items()}
            book = await read_price_book(
                db,
                network_id=context.network_id,
                rewards=[one for each in sources.values() for one in each],
                currency=network.currency,
                now=context.now,
            )
        return [(book, sources[one.reward.reward_id]) for one in keys]

    key: Any = _Asked(reward)
    book, sources = await context.loader("price book", load).load(key)
    try:
        return PriceQuote.from_domain(price_cheapest(sources, face=face, book=book))
    except (FxRateMissing, FxRateStale):
        return None
    except FaceNotOnSale as refusal:
        raise GraphQLError(refusal.message, extensions={"code": "BAD_ARGUMENT"}) from None
