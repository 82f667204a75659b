"""Rewards over GraphQL: what is on sale, as a list."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.graphql.catalog.availability import OrderableOnly, out_of_stock
from api.graphql.catalog.eligibility import next_turn_of, viewer_of
from api.graphql.catalog.rewards import Reward, show_reward
from api.graphql.connection import Edge, Page, PageInfo, connect, page_of
from api.graphql.context import Context
from api.graphql.languages import LocaleArgument, asked_locale
from api.graphql.nodes import load_node
from api.graphql.permissions import EVERYONE, query
from catalog.assortments import list_shown_rewards
from catalog.rewards import Reward as DomainReward
from catalog.rewards import RewardCursor, RewardKind


@strawberry.type(description="A page of rewards.")
class RewardConnection:
    """Rewards in the order of the catalogue."""

    edges: list[Edge[Reward]]
    page_info: PageInfo

    @strawberry.field(
        description="When, by the clock alone, what the caller is shown may change next; null when"
        " it cannot. Load the lists again then."
    )
    async def changes_at(self, info: Info) -> datetime | None:
        """Tell when a rule next begins or ends for the caller."""
        return await next_turn_of(info.context)


def _cursor(page: Page) -> RewardCursor | None:
    if page.key is None:
        return None
    rank, reward_id = page.key
    if type(rank) is not int or not 0 <= rank < 2**63 or not isinstance(reward_id, str):
        raise ValueError("a place is a rank and an id")
    return RewardCursor(rank, UUID(hex=reward_id))


@strawberry.type
class Query:
    """Reading the catalogue."""

    @query(allow=EVERYONE)
    async def rewards(
        self,
        info: Info,
        *,
        country: Annotated[str, strawberry.argument(description="ISO 3166-1, such as SA.")],
        kinds: list[RewardKind] | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        orderable_only: OrderableOnly = False,
        locale: LocaleArgument = None,
    ) -> RewardConnection:
        """What is on sale in a country and shown to the caller, in the order of the catalogue."""
        context: Context = info.context
        asked_locale(locale)
        viewer = await viewer_of(context)
        without = await out_of_stock(context) if orderable_only else ()

        async def read(page: Page) -> list[DomainReward]:
            cursor = _cursor(page)
            async with context.reading() as db:
                found = await list_shown_rewards(
                    db,
                    network_id=context.network_id,
                    viewer=viewer,
                    now=context.now,
                    country=country,
                    kinds=kinds or None,
                    limit=page.rows_wanted,
                    after=None if page.is_backwards else cursor,
                    before=cursor if page.is_backwards else None,
                    backward=page.is_backwards,
                    without=without,
                )
            rewards = list(found.rewards)
            return rewards[::-1] if page.is_backwards else rewards

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.rank, one.reward_id.hex),
            show=lambda one: show_reward(context, one, locale),
        )
        return RewardConnection(edges=edges, page_info=page_info)

    @query(allow=EVERYONE)
    async def reward(self, info: Info, id: strawberry.ID) -> Reward | None:  # noqa: A002
        """One reward; null when there is none that this caller may see."""
        found: Any = await load_node(info.context, id)
        return found if isinstance(found, Reward) else None
