"""Searching the catalogue: what was found and why, with facets and total in the same answer."""

from collections.abc import Collection, Sequence
from typing import Annotated
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from api.graphql.catalog.availability import OrderableOnly, out_of_stock
from api.graphql.catalog.brands import Brand
from api.graphql.catalog.eligibility import viewer_of
from api.graphql.catalog.rewards import Reward, show_reward
from api.graphql.connection import Page, PageInfo, connect, page_of
from api.graphql.context import Context
from api.graphql.languages import Locale, LocaleArgument, asked_locale
from api.graphql.nodes import id_of, key_of, load_one
from api.graphql.permissions import EVERYONE, query
from catalog.assortments import list_shown_on_sale
from catalog.rewards import FoundPage, FoundReward, RewardKind, find_rewards
from catalog.search import (
    Delivery,
    Facets,
    MatchedField,
    MatchedHow,
    PriceBand,
    SearchCursor,
    Wanted,
)
from payouts.refusal import Refusal

strawberry.enum(
    PriceBand,
    description="The least it can be had for, in whole units of its own currency: face or price.",
)
strawberry.enum(
    Delivery,
    name="RewardDelivery",
    description="How what was got arrives: a code, a top-up of an account at the brand, a card of"
    " the network's own, a booking, or an offer that is switched on.",
)
strawberry.enum(MatchedField, description="Where a word was found.")
strawberry.enum(MatchedHow, description="How near it is to the word that was found.")

SCORE_MAX = 1_000
MISTYPED_MAX = 2**16


@strawberry.type(description="Why a reward was found: one for each word of the query.")
class MatchReason:
    """A word and where it was found."""

    word: str = strawberry.field(description="As it was typed.")
    field: MatchedField
    how: MatchedHow


@strawberry.type(description="A reward that was found, its place, and why.")
class RewardSearchEdge:
    """An entry of what was found."""

    cursor: str
    node: Reward
    score: int = strawberry.field(description="The higher, the nearer; equals are by rank.")
    reasons: list[MatchReason]


@strawberry.type(description="A value that can be chosen, and how many rewards would then be left.")
class FacetCount:
    """A value of a fact."""

    value: str = strawberry.field(description="To be sent back as a choice.")
    count: int


@strawberry.type(description="A brand that can be chosen, and how many rewards would be left.")
class BrandFacetCount:
    """A brand."""

    value: strawberry.ID = strawberry.field(description="To be sent back as a choice.")
    count: int
    key: strawberry.Private[UUID]

    @strawberry.field(description="The brand.")
    async def brand(self, info: Info) -> Brand | None:
        """Find the brand."""
        found: Brand | None = await load_one(info.context, "Brand", self.key)
        return found


@strawberry.type(
    description="Values by how many of the rewards found have them, the most frequent first. Each"
    " fact is counted without its own choice, so that another one can be made."
)
class RewardFacets:
    """The facts of all that was found."""

    kind: list[FacetCount]
    category: list[FacetCount]
    brand: list[BrandFacetCount]
    price_band: list[FacetCount]
    country: list[FacetCount]
    delivery: list[FacetCount]


@strawberry.type(description="A page of what was found, with figures of all of it.")
class RewardSearchConnection:
    """What was found."""

    edges: list[RewardSearchEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="How many there are on all pages.")
    facets: RewardFacets


def _cursor(page: Page) -> SearchCursor | None:
    if page.key is None:
        return None
    score, rank, reward_id, mistyped = page.key
    bounds = ((score, SCORE_MAX), (rank, 2**63), (mistyped, MISTYPED_MAX))
    if any(type(part) is not int or not 0 <= part < limit for part, limit in bounds):
        raise ValueError("a place is a score, a rank, an id and what was mistyped")
    return SearchCursor(score, rank, UUID(hex=reward_id), mistyped)


def _key(one: FoundReward) -> tuple[int, int, str, int]:
    place = one.place
    return (place.score, place.rank, place.reward_id.hex, place.mistyped)


def _facets(context: Context, facets: Facets) -> RewardFacets:
    def plain(fact: str) -> list[FacetCount]:
        return [FacetCount(value=value, count=count) for value, count in facets.get(fact, ())]

    def named(fact: str) -> list[FacetCount]:
        """Show values of enums by the names that the schema has for them."""
        return [FacetCount(value=v.upper(), count=count) for v, count in facets.get(fact, ())]

    brands = [(UUID(value), count) for value, count in facets.get("brand", ())]
    return RewardFacets(
        kind=named("kind"),
        category=plain("category"),
        brand=[
            BrandFacetCount(value=id_of("Brand", context.network_id, key), count=count, key=key)
            for key, count in brands
        ],
        price_band=named("price_band"),
        country=plain("country"),
        delivery=named("delivery"),
    )


@strawberry.type
class Query:
    """Searching."""

    @query(allow=EVERYONE)
    async def search_rewards(
        self,
        info: Info,
        *,
        query: Annotated[
            str,
            strawberry.argument(
                description="Up to 200 characters in any script; empty finds all there is."
            ),
        ],
        country: Annotated[
            str | None, strawberry.argument(description="ISO 3166-1, such as SA; null: anywhere.")
        ] = None,
        kinds: list[RewardKind] | None = None,
        categories: list[str] | None = None,
        brands: list[strawberry.ID] | None = None,
        price_bands: list[PriceBand] | None = None,
        delivery: list[Delivery] | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        orderable_only: OrderableOnly = False,
        locale: LocaleArgument = None,
    ) -> RewardSearchConnection:
        """What is on sale and has every word of a query in its title, brand or category."""
        context: Context = info.context
        asked_locale(locale)
        page = page_of(first=first, after=after, last=last, before=before)
        try:
            wanted = Wanted(
                query=query,
                country=country,
                kinds=tuple(kind.value for kind in kinds or ()),
                categories=tuple(categories or ()),
                brands=tuple(key_of(context, b, "Brand", path=("brands",)) for b in brands or ()),
                price_bands=tuple(price_bands or ()),
                deliveries=tuple(delivery or ()),
            )
            without = await out_of_stock(context) if orderable_only else frozenset()
            return await _search(context, wanted, page, locale, without=without)
        except Refusal as refusal:
            extensions = {"code": "BAD_ARGUMENT", "path": list(refusal.path)}
            raise GraphQLError(refusal.message, extensions=extensions) from None


async def _search(
    context: Context,
    wanted: Wanted,
    page: Page,
    locale: Locale | None,
    *,
    without: Collection[UUID],
) -> RewardSearchConnection:
    whole: list[FoundPage] = []
    viewer = await viewer_of(context)

    async def read(page: Page) -> Sequence[FoundReward]:
        cursor = _cursor(page)
        async with context.reading() as db:
            shown = await list_shown_on_sale(
                db, network_id=context.network_id, viewer=viewer, now=context.now
            )
            found = await find_rewards(
                db,
                network_id=context.network_id,
                wanted=wanted,
                shown=shown,
                without=without,
                limit=page.rows_wanted,
                after=None if page.is_backwards else cursor,
                before=cursor if page.is_backwards else None,
                backward=page.is_backwards,
            )
        whole.append(found)
        return found.found[::-1] if page.is_backwards else found.found

    shown, page_info = await connect(page, read=read, key=_key, show=lambda one: one)
    edges = [
        RewardSearchEdge(
            cursor=edge.cursor,
            node=show_reward(context, edge.node.reward, locale),
            score=edge.node.place.score,
            reasons=[
                MatchReason(word=one.word, field=one.field, how=one.how)
                for one in edge.node.reasons
            ],
        )
        for edge in shown
    ]
    return RewardSearchConnection(
        edges=edges,
        page_info=page_info,
        total_count=whole[0].total,
        facets=_facets(context, whole[0].facets),
    )
