"""What the kinds of rewards have parts of: faces, ranges of faces, terms of cancelling."""

import strawberry
from strawberry.types import Info

from api.graphql.catalog.prices import PriceQuote, price_of
from api.graphql.scalars import Money
from catalog.rewards import Reward
from payouts.money import Money as Amount


@strawberry.type(description="A face value on sale.")
class Denomination:
    """A face and its price."""

    face: Money
    of: strawberry.Private[Reward]
    amount: strawberry.Private[Amount]

    @strawberry.field(description="In the network's currency; null without a fresh exchange rate.")
    async def price(self, info: Info) -> PriceQuote | None:
        """Price this face."""
        return await price_of(info, self.of, self.amount)


@strawberry.type(description="Any face value between two bounds, in steps from the lower one.")
class DenominationRange:
    """The bounds of a card with an open face."""

    min: Money
    max: Money
    step: Money


@strawberry.type(description="What cancelling costs.")
class CancellationTerms:
    """When cancelling is free, and what it costs otherwise."""

    free_until_hours: int | None = strawberry.field(
        description="So many hours before it begins cancelling is free; null: never."
    )
    penalty_bps: int = strawberry.field(
        description="What is kept of the price otherwise, in basis points."
    )
