"""Prices, line by line."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from api.auth.caller import CallerKind
from api.graphql.context import Context
from api.graphql.problems import ProblemCode, Rule, register_problems
from api.graphql.scalars import Decimal, Money, Points, show_money, show_points
from api.graphql.texts import own_network
from catalog.pricing import (
    PointsExceedPrice,
    PointsTooFew,
    Price,
    PriceBook,
    PriceLineKind,
    price_cheapest,
    read_price_book,
    shown_to_members,
)
from catalog.pricing import PriceLine as Line
from catalog.rewards import FaceNotOnSale, Reward, list_sources
from payouts.fx import FxRateMissing, FxRateStale
from payouts.money import Money as Amount

strawberry.enum(
    PriceLineKind,
    description="What a line of a price is for. MARGIN is shown to staff; for others it is a part"
    " of FACE.",
)
register_problems(
    (
        Rule(
            PointsTooFew,
            ProblemCode.INVALID_INPUT,
            "So few points are worth nothing. Nothing was quoted.",
            "هذا العدد من النقاط لا قيمة له. لم يُقدَّم عرض سعر.",
        ),
        Rule(
            PointsExceedPrice,
            ProblemCode.AMOUNT_OUT_OF_RANGE,
            "{points} points pay the whole price. Nothing was quoted.",
            "{points} نقطة تكفي لدفع السعر كله. لم يُقدَّم عرض سعر.",
        ),
    )
)


@strawberry.type(description="A line of a price.")
class PriceLine:
    """One line."""

    kind: PriceLineKind
    amount: Money = strawberry.field(description="In the member's currency; a discount is below 0.")


def show_lines(context: Context, lines: Iterable[Line]) -> list[PriceLine]:
    """Show lines as this caller may see them: what the network earns is told to its staff alone."""
    told = lines if is_staff(context) else shown_to_members(lines)
    return [PriceLine(kind=one.kind, amount=show_money(one.amount)) for one in told]


def is_staff(context: Context) -> bool:
    """Tell whether the caller may know what the network pays and earns."""
    return context.caller is not None and context.caller.kind is CallerKind.STAFF


@strawberry.type(description="What one piece costs: exact lines that sum to the total.")
class PriceQuote:
    """A price as it is shown."""

    lines: list[PriceLine]
    total: Money
    fx_rate: Decimal = strawberry.field(
        description="The rate from the supplier's currency that was used; 1 when there was none."
    )
    points_price: Points | None = strawberry.field(
        description="How many points pay all of it; null when points count for nothing now."
    )

    @classmethod
    def from_domain(cls, context: Context, price: Price) -> Self:
        """Show a price."""
        points = price.points
        return cls(
            lines=show_lines(context, price.lines),
            total=show_money(price.total),
            fx_rate=Decimal(price.fx_rate.text),
            points_price=None if points is None else show_points(points),
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
        return PriceQuote.from_domain(context, price_cheapest(sources, face=face, book=book))
    except (FxRateMissing, FxRateStale):
        return None
    except FaceNotOnSale as refusal:
        raise GraphQLError(refusal.message, extensions={"code": "BAD_ARGUMENT"}) from None
