"""How much there is of rewards, and whether the caller may get them."""

from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

import strawberry

from api.graphql.catalog.eligibility import shown_to
from api.graphql.context import Context
from catalog.availability import Availability
from catalog.redemptions import list_unavailable, read_availability
from catalog.rewards import Reward
from catalog.stocks import read_card_stocks

strawberry.enum(
    Availability,
    description="How much there is of a reward. IN_STOCK, or LOW: at most five cards or codes, or a"
    " fifth of the seats, are left, or its supplier says so. OUT: none, and it is not quoted."
    " UNKNOWN: its supplier does not say; it can be ordered.",
)

OrderableOnly = Annotated[
    bool, strawberry.argument(description="Leave out what is OUT; counts and pages are without it.")
]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A reward whose availability is asked for, the same in all its versions."""

    reward_id: UUID
    reward: Reward = field(compare=False)


async def availability_of(context: Context, reward: Reward) -> Availability:
    """Tell how much there is of a reward, read once for all of a page together."""

    async def load(keys: list[Any]) -> list[Availability]:
        asked = [one.reward for one in keys]
        async with context.reading() as db:
            found = await read_availability(
                db, network_id=context.network_id, rewards=asked, now=context.now
            )
        return [found[one.reward_id] for one in keys]

    key: Any = _Asked(reward.reward_id, reward)
    level: Availability = await context.loader("availability", load).load(key)
    return level


async def is_orderable(context: Context, reward: Reward) -> bool:
    """Tell whether the caller may get a reward now."""
    if not reward.is_listed(context.now) or not await _is_shown(context, reward.reward_id):
        return False
    return await availability_of(context, reward) is not Availability.OUT


async def _is_shown(context: Context, reward_id: UUID) -> bool:
    async def load(keys: list[UUID]) -> list[bool]:
        shown = await shown_to(context, keys)
        return [key in shown for key in keys]

    is_shown: bool = await context.loader("is shown", load).load(reward_id)
    return is_shown


async def cards_left_of(context: Context, reward_id: UUID) -> int | None:
    """Tell how many cards are left where they are limited, together with others."""

    async def load(keys: list[UUID]) -> list[int | None]:
        async with context.reading() as db:
            found = await read_card_stocks(db, network_id=context.network_id, reward_ids=keys)
        return [found.get(key) for key in keys]

    left: int | None = await context.loader("cards left", load).load(reward_id)
    return left


async def out_of_stock(context: Context) -> frozenset[UUID]:
    """Tell which rewards on sale there is none of now."""
    async with context.reading() as db:
        return await list_unavailable(db, network_id=context.network_id, now=context.now)
