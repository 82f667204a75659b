"""Quoting, redeeming, taking back."""

import logging
import re
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.catalog.redemptions import Quote, Redemption
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import key_of
from api.graphql.permissions import MEMBER, OPERATOR, Payload, mutation
from api.graphql.problems import IdForeignOrAbsent
from api.graphql.scalars import MinorUnits, MoneyInput
from catalog import redemptions as domain
from payouts.money import InvalidAmount, Points

_log = logging.getLogger("mizan.redemptions")
_POINTS = re.compile(r"\d{1,15}", re.ASCII)


@strawberry.input(description="What to price: a gift card by its face, an experience by its slot.")
class QuoteRewardInput:
    """Input of quoteReward."""

    idempotency_key: str
    reward_id: strawberry.ID
    face: MoneyInput | None = None
    slot_id: strawberry.ID | None = None
    points: MinorUnits | None = strawberry.field(
        default=None,
        description='At most so many points are to pay, such as "500"; money pays the rest.',
    )


@strawberry.type
class QuoteRewardPayload(Payload):
    """The quote."""

    quote: Quote | None = None


@strawberry.input(description="The quote to use.")
class PlaceRedemptionInput:
    """Input of placeRedemption."""

    idempotency_key: str
    quote_id: strawberry.ID
    token: str | None = strawberry.field(
        default=None, description="The quote's token; any other is QUOTE_ALTERED."
    )


@strawberry.type
class PlaceRedemptionPayload(Payload):
    """The redemption."""

    redemption: Redemption | None = None


@strawberry.input(description="The redemption to take back.")
class CancelRedemptionInput:
    """Input of cancelRedemption."""

    idempotency_key: str
    redemption_id: strawberry.ID


@strawberry.type
class CancelRedemptionPayload(Payload):
    """The redemption."""

    redemption: Redemption | None = None


def _member(context: Context) -> UUID:
    member_id = context.known_caller.member_id
    assert member_id is not None, "a member's token names the member"
    return member_id


def _points(text: str | None) -> Points | None:
    if text is None:
        return None
    if not _POINTS.fullmatch(text) or int(text) == 0:
        raise InvalidAmount(amount=text[:40], path=("points",))
    return Points(int(text))


def _quote_key(context: Context, text: str) -> UUID:
    """Read the id of a quote; of another network's nothing is told but that it is not there."""
    try:
        return key_of(context, text, "Quote", path=("quoteId",))
    except IdForeignOrAbsent:
        raise domain.QuoteNotFound(path=("quoteId",)) from None


def _log_altered(refusal: domain.QuoteAltered, quote_id: UUID, network_id: int) -> None:
    """Tell the operators: what is stored was changed past us, or a caller tries its hand."""
    what = "its row" if refusal.facts["is_stored"] else "its token"
    _log.warning("quote %s of network %s was altered: %s", quote_id, network_id, what)


@strawberry.type
class Mutation:
    """Redeeming."""

    @mutation(allow=MEMBER)
    async def quote_reward(
        self,
        info: Info,
        input: QuoteRewardInput,  # noqa: A002
    ) -> QuoteRewardPayload:
        """Keep the present price of a reward for the calling member. Nothing is set aside yet."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            slot = input.slot_id
            made = await domain.quote_reward(
                db,
                vault=context.vault,
                network_id=context.network_id,
                member_id=_member(context),
                reward_id=key_of(context, input.reward_id, "Reward", path=("rewardId",)),
                face=None if input.face is None else input.face.positive("face"),
                slot_id=None
                if slot is None
                else key_of(context, slot, "ExperienceSlot", path=("slotId",)),
                points=_points(input.points),
                connected=context.connected,
                now=context.now,
            )
            return {"quote": made.quote_id}

        done = await perform(info, mutation="quoteReward", input=input, work=work)
        quote: Any = await done.load(info, "Quote", "quote")
        return QuoteRewardPayload(quote=quote, problems=done.problems, replayed=done.replayed)

    @mutation(allow=MEMBER)
    async def place_redemption(
        self,
        info: Info,
        input: PlaceRedemptionInput,  # noqa: A002
    ) -> PlaceRedemptionPayload:
        """Use a quote. A supplier's card is delivered in a moment: ask for the redemption again."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            quote_id = _quote_key(context, input.quote_id)
            try:
                made = await domain.place_redemption(
                    db,
                    vault=context.vault,
                    network_id=context.network_id,
                    member_id=_member(context),
                    quote_id=quote_id,
                    token=input.token,
                    actor=context.known_caller.identity,
                    now=context.now,
                )
            except domain.QuoteAltered as refusal:
                _log_altered(refusal, quote_id, context.network_id)
                raise
            return {"redemption": made.redemption_id}

        done = await perform(info, mutation="placeRedemption", input=input, work=work)
        return PlaceRedemptionPayload(
            redemption=await done.load(info, "Redemption", "redemption"),
            problems=done.problems,
            replayed=done.replayed,
        )

    @mutation(allow=MEMBER | OPERATOR)
    async def cancel_redemption(
        self,
        info: Info,
        input: CancelRedemptionInput,  # noqa: A002
    ) -> CancelRedemptionPayload:
        """Take a redemption back: a seat on its terms, a card until it is being ordered."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            key = key_of(context, input.redemption_id, "Redemption", path=("redemptionId",))
            await domain.cancel_redemption(
                db,
                network_id=context.network_id,
                redemption_id=key,
                member_id=context.known_caller.member_id,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"redemption": key}

        done = await perform(info, mutation="cancelRedemption", input=input, work=work)
        return CancelRedemptionPayload(
            redemption=await done.load(info, "Redemption", "redemption"),
            problems=done.problems,
            replayed=done.replayed,
        )
