"""Rewards: one interface, a type for each kind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from api.auth.caller import CallerKind
from api.graphql.catalog.availability import (
    availability_of,
    cards_left_of,
    is_orderable,
)
from api.graphql.catalog.brands import Brand
from api.graphql.catalog.eligibility import (
    Eligibility,
    eligibility_of,
    shown_to,
)
from api.graphql.catalog.experiences import ExperienceSlot, slots_of
from api.graphql.catalog.prices import PriceQuote, price_of
from api.graphql.catalog.reward_parts import CancellationTerms, Denomination, DenominationRange
from api.graphql.catalog.reward_texts import RewardText, show_text
from api.graphql.catalog.transitions import RewardTransition, transitions_of
from api.graphql.connection import Connection, page_of
from api.graphql.context import Context
from api.graphql.languages import Locale, LocaleArgument
from api.graphql.nodes import Node, id_of, load_one, node_kind
from api.graphql.partners.agreements import Partner
from api.graphql.permissions import EVERYONE, STAFF
from api.graphql.scalars import Money, MoneyInput, show_money
from api.graphql.texts import locale_in
from catalog.availability import Availability
from catalog.offers import list_offer_activations
from catalog.rewards import Reward as DomainReward
from catalog.rewards import (
    RewardKind,
    RewardState,
    get_rewards,
)
from payouts.refusal import Refusal

strawberry.enum(RewardKind, description="The kinds of rewards.")


@strawberry.interface(description="Something a member can get.")
class Reward(Node):
    """What all kinds of rewards have."""

    kind: RewardKind
    state: RewardState
    version: int = strawberry.field(description="Counts up; every order keeps the one it saw.")
    countries: list[str] = strawberry.field(description="Where it is offered (ISO 3166-1).")
    category: str | None
    image_urls: list[str]
    goes_live_at: datetime | None = strawberry.field(
        description="When it comes on sale, while it is SCHEDULED."
    )
    sunset_at: datetime | None = strawberry.field(
        description="Until when it can be got, while it is RETIRING."
    )
    of: strawberry.Private[DomainReward]
    language: strawberry.Private[Locale | None]

    async def _text(self, info: Info, locale: Locale | None) -> RewardText:
        """Pick the language: that of the field, of the list it stands in, or of the request."""
        asked = self.language if locale is None else locale
        return show_text(self.of, await locale_in(info, self.of.texts, asked))

    @strawberry.field(description="All it says in a language, or the nearest there is.")
    async def text(self, info: Info, locale: LocaleArgument = None) -> RewardText:
        """Show the texts with their language."""
        return await Reward._text(self, info, locale)

    @strawberry.field(description="All it says, in every language it has.")
    def texts(self) -> list[RewardText]:
        """Show all the texts."""
        return [show_text(self.of, locale) for locale in sorted(self.of.texts)]

    @strawberry.field(description="The title in a language, or the nearest there is.")
    async def title(self, info: Info, locale: LocaleArgument = None) -> str:
        """Write the title."""
        return (await Reward._text(self, info, locale)).title

    @strawberry.field(description="What it is.")
    async def description(self, info: Info, locale: LocaleArgument = None) -> str:
        """Write the description."""
        return (await Reward._text(self, info, locale)).description

    @strawberry.field(description="The terms that hold for this version.")
    async def terms(self, info: Info, locale: LocaleArgument = None) -> str:
        """Write the terms."""
        return (await Reward._text(self, info, locale)).terms

    @strawberry.field(description="Whose mark it bears.")
    def brand(self, info: Info) -> Brand | None:
        """Show the brand."""
        brand = self.of.brand
        return None if brand is None else Brand.from_domain(info.context.network_id, brand)

    @strawberry.field(
        description="Whether the caller sees it and may get it, and by which rules of its programme."
    )
    async def eligibility(self, info: Info) -> Eligibility:
        """Ask the rules in force for the caller."""
        return await eligibility_of(info.context, self.of.reward_id)

    @strawberry.field(
        description="What commands made of it, oldest first; null for all but staff and its partner."
    )
    async def transitions(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[RewardTransition] | None:
        """Page through its life."""
        page = page_of(first=first, after=after, last=last, before=before)
        return await transitions_of(info.context, self.of, page)

    @strawberry.field(description="How much there is of it now, from whichever supplier.")
    async def availability(self, info: Info) -> Availability:
        """Tell the availability."""
        return await availability_of(info.context, self.of)

    @strawberry.field(description="Whether the caller may get it now: on sale, shown, not OUT.")
    async def orderable(self, info: Info) -> bool:
        """Tell whether it can be ordered."""
        return await is_orderable(info.context, self.of)

    @classmethod
    def from_domain(
        cls, network_id: int, reward: DomainReward, language: Locale | None = None
    ) -> Self:
        """Show a reward as the type of its kind."""
        return cls(
            id=id_of("Reward", network_id, reward.reward_id),
            kind=reward.kind,
            state=reward.state,
            version=reward.version,
            countries=list(reward.countries),
            category=reward.category,
            image_urls=list(reward.image_urls),
            goes_live_at=reward.goes_live_at,
            sunset_at=reward.sunset_at,
            of=reward,
            language=language,
        )


@strawberry.federation.type(keys=["id"], description="A card with a face value.")
class GiftCardReward(Reward):
    """A gift card: a supplier's, or the network's own."""

    @strawberry.field(description="The fixed face values; empty when any in the range can be had.")
    def denominations(self) -> list[Denomination]:
        """Show the faces."""
        faces = [one.face for one in self.of.gift_card.denominations]
        return [Denomination(face=show_money(one), of=self.of, amount=one) for one in faces]

    @strawberry.field(description="The face values that can be had; null when they are fixed.")
    def range(self) -> DenominationRange | None:
        """Show the bounds."""
        bounds = self.of.gift_card.face_range
        if bounds is None:
            return None
        return DenominationRange(
            min=show_money(bounds.min_face),
            max=show_money(bounds.max_face),
            step=show_money(bounds.step),
        )

    @strawberry.field(
        description="How many cards are left, quotes under way not counted; null: no limit."
    )
    async def cards_left(self, info: Info) -> int | None:
        """Tell the stock."""
        return await cards_left_of(info.context, self.of.reward_id)

    @strawberry.field(description="The price of a face; null without a fresh exchange rate.")
    async def price(self, info: Info, face: MoneyInput) -> PriceQuote | None:
        """Price a face of the caller's choice."""
        try:
            amount = face.positive("face")
        except Refusal as refusal:
            raise GraphQLError(refusal.message, extensions={"code": "BAD_ARGUMENT"}) from None
        return await price_of(info, self.of, amount)


async def _partner(info: Info, reward: DomainReward) -> Partner | None:
    found: Partner | None = await load_one(info.context, "Partner", reward.partner_id)
    return found


@strawberry.federation.type(keys=["id"], description="Something to take part in, at a time.")
class ExperienceReward(Reward):
    """An experience that a partner provides."""

    @strawberry.field(description="Who provides it.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        return await _partner(info, self.of)

    @strawberry.field(description="What one seat costs.")
    def price(self) -> Money:
        """Show the price."""
        return show_money(self.of.experience.price)

    @strawberry.field(description="What cancelling a booking costs.")
    def cancellation(self) -> CancellationTerms:
        """Show what cancelling costs."""
        terms = self.of.experience
        return CancellationTerms(
            free_until_hours=terms.free_until_hours, penalty_bps=terms.penalty_bps
        )

    @strawberry.field(description="The next times at which it takes place, up to 100.")
    async def slots(
        self, info: Info, first: int = 20, since: datetime | None = None
    ) -> list[ExperienceSlot]:
        """Find the slots."""
        return await slots_of(info, self.of.reward_id, since=since, first=first)


@strawberry.federation.type(keys=["id"], description="More cashback, once it is switched on.")
class OfferReward(Reward):
    """An offer of a partner."""

    @strawberry.field(description="At whose shops purchases count.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        return await _partner(info, self.of)

    @strawberry.field(description="What purchases earn, in basis points.")
    def rate_bps(self) -> int:
        """Show the rate."""
        return self.of.offer.rate_bps

    @strawberry.field(description="Only purchases of this category count; null: all do.")
    def purchase_category(self) -> str | None:
        """Show what counts."""
        return self.of.offer.category

    @strawberry.field
    def starts_at(self) -> datetime:
        """When purchases begin to count."""
        return self.of.offer.starts_at

    @strawberry.field
    def ends_at(self) -> datetime:
        """When purchases no longer count."""
        return self.of.offer.ends_at

    @strawberry.field(description="Whether the calling member switched it on; null for others.")
    async def activated(self, info: Info) -> bool | None:
        """Tell whether it counts for the caller."""
        context: Context = info.context
        caller = context.known_caller
        member_id = caller.member_id
        if caller.kind is not CallerKind.MEMBER or member_id is None:
            return None

        async def load(keys: list[UUID]) -> list[bool]:
            async with context.reading() as db:
                found = await list_offer_activations(
                    db, network_id=context.network_id, member_id=member_id, reward_ids=keys
                )
            return [key in found for key in keys]

        is_on: bool = await context.loader("offer activation", load).load(self.of.reward_id)
        return is_on


TYPES: dict[RewardKind, type[Reward]] = {
    RewardKind.GIFT_CARD: GiftCardReward,
    RewardKind.EXPERIENCE: ExperienceReward,
    RewardKind.OFFER: OfferReward,
}


def show_reward(context: Context, reward: DomainReward, language: Locale | None = None) -> Reward:
    """Show a reward as the type of its kind."""
    return TYPES[reward.kind].from_domain(context.network_id, reward, language)


@node_kind("Reward", allow=EVERYONE)
async def load_rewards(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Reward]:
    """Find rewards by id; drafts are for staff alone, what an assortment hides is not told."""
    shown = await shown_to(context, keys)
    return await _load_rewards(context, [key for key in keys if key in shown])


async def load_reward_of_record(context: Context, reward_id: UUID) -> Reward | None:
    """Find what somebody got or was quoted: it is told for ever, whatever is shown by now."""

    async def load(keys: list[UUID]) -> list[Reward | None]:
        found = await _load_rewards(context, keys)
        return [found.get(key) for key in keys]

    one: Reward | None = await context.loader("reward of record", load).load(reward_id)
    return one


async def _load_rewards(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Reward]:
    async with context.reading() as db:
        found = await get_rewards(db, network_id=context.network_id, reward_ids=keys)
    sees_drafts = STAFF.admits(context.caller)
    return {
        key: show_reward(context, one)
        for key, one in found.items()
        if sees_drafts or one.state.is_public
    }
