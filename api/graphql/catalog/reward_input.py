"""What a reward is made of, as it is sent."""

from datetime import datetime

import strawberry

from api.graphql.context import Context
from api.graphql.languages import Locale
from api.graphql.nodes import key_of
from api.graphql.problems import InvalidInput
from api.graphql.scalars import MoneyInput, instant
from catalog.rewards import (
    ExperienceTerms,
    GiftCardTerms,
    OfferTerms,
    RewardDraft,
    RewardText,
    Terms,
)
from partners.networks import check_locale
from partners.rules import FundingShare


@strawberry.input(description="What a reward says in one language.")
class RewardTextInput:
    """The texts of one language."""

    locale: Locale = strawberry.field(
        description="Any language; a reward speaks 1 to 24, each once."
    )
    title: str = strawberry.field(description="At most 200 characters.")
    description: str = strawberry.field(default="", description="At most 4,000 characters.")
    terms: str = strawberry.field(default="", description="At most 20,000 characters.")
    instructions: str = strawberry.field(
        default="", description="How to use what was got; at most 20,000 characters."
    )


@strawberry.input(description="Any face value between two bounds, in steps from the lower one.")
class FaceRangeInput:
    """The bounds of an open face."""

    min: MoneyInput
    max: MoneyInput
    step: MoneyInput


@strawberry.input(description="The network's own card: fixed faces or a range, in its currency.")
class GiftCardInput:
    """The faces of an own card."""

    faces: list[MoneyInput] | None = None
    range: FaceRangeInput | None = None

    def terms(self) -> GiftCardTerms:
        """Read the faces."""
        if (self.faces is None) == (self.range is None) or self.faces == []:
            raise InvalidInput(reason="Give either faces or a range.", path=("gift_card",))
        if self.range is not None:
            return GiftCardTerms.of_own_range(
                self.range.min.positive("gift_card", "range", "min"),
                self.range.max.positive("gift_card", "range", "max"),
                self.range.step.positive("gift_card", "range", "step"),
            )
        return GiftCardTerms.of_own_faces(
            *(one.positive("gift_card", "faces", str(n)) for n, one in enumerate(self.faces or []))
        )


@strawberry.input(description="Something to take part in, which a partner provides.")
class ExperienceInput:
    """What it costs, and what cancelling costs."""

    price: MoneyInput
    free_until_hours: int | None = strawberry.field(
        default=None, description="So many hours before it begins cancelling is free; null: never."
    )
    penalty_bps: int = strawberry.field(
        default=0, description="What is kept of the price otherwise, in basis points."
    )

    def terms(self) -> ExperienceTerms:
        """Read the terms."""
        price = self.price.positive("experience", "price")
        return ExperienceTerms(price, self.free_until_hours, self.penalty_bps)


@strawberry.input(description="One payer of an offer's cashback; without a partner, the network.")
class OfferFundingInput:
    """A share of the cost."""

    partner_id: strawberry.ID | None = None
    weight: int = 1


@strawberry.input(description="More cashback at the reward's partner, for who switches it on.")
class OfferInput:
    """What is promised, and who pays."""

    rate_bps: int
    category: str | None = strawberry.field(
        default=None, description="Only purchases of this category count; null: all do."
    )
    funding: list[OfferFundingInput]
    starts_at: datetime
    ends_at: datetime

    def terms(self, context: Context) -> OfferTerms:
        """Read the promise."""
        return OfferTerms(
            rate_bps=self.rate_bps,
            category=self.category,
            funding=tuple(self._share(context, one) for one in self.funding),
            starts_at=instant(self.starts_at, "offer", "starts_at"),
            ends_at=instant(self.ends_at, "offer", "ends_at"),
        )

    def _share(self, context: Context, share: OfferFundingInput) -> FundingShare:
        if share.partner_id is None:
            return FundingShare("network", None, share.weight)
        path = ("offer", "funding", "partner_id")
        partner_id = key_of(context, share.partner_id, "Partner", path=path)
        return FundingShare("partner", partner_id, share.weight)


@strawberry.input(description="A reward: its texts, its countries and the terms of its one kind.")
class RewardInput:
    """Everything a version says."""

    texts: list[RewardTextInput]
    countries: list[str]
    category: str | None = None
    image_urls: list[str] = strawberry.field(default_factory=list)
    gift_card: GiftCardInput | None = None
    experience: ExperienceInput | None = None
    offer: OfferInput | None = None

    def draft(self, context: Context) -> RewardDraft:
        """Read the reward; raises InvalidInput when it is not of exactly one kind."""
        texts = {
            check_locale(one.locale, "reward", "texts", str(place), "locale"): RewardText(
                one.title, one.description, one.terms, one.instructions
            )
            for place, one in enumerate(self.texts)
        }
        if len(texts) != len(self.texts):
            raise InvalidInput(reason="Give each language once.", path=("reward", "texts"))
        return RewardDraft(
            texts=texts,
            countries=tuple(self.countries),
            terms=self._terms(context),
            category=self.category,
            image_urls=tuple(self.image_urls),
        )

    def _terms(self, context: Context) -> Terms:
        given = [one for one in (self.gift_card, self.experience, self.offer) if one is not None]
        if len(given) != 1:
            raise InvalidInput(
                reason="Give one of giftCard, experience and offer.", path=("reward",)
            )
        if self.offer is not None:
            return self.offer.terms(context)
        if self.experience is not None:
            return self.experience.terms()
        assert self.gift_card is not None
        return self.gift_card.terms()
