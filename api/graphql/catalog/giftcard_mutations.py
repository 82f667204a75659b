"""Selling cards of the network's own, and accepting them."""

from datetime import datetime
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.catalog.giftcards import CardAuthorization, GiftCard
from api.graphql.context import Context
from api.graphql.mutation import Performed, perform
from api.graphql.nodes import key_of
from api.graphql.partners.acting import acting_partner
from api.graphql.permissions import OPERATOR, PARTNER, Payload, mutation
from api.graphql.problems import InvalidInput
from api.graphql.scalars import MoneyInput, bounded, instant
from catalog import giftcards as domain
from catalog.suppliers import Secret

REFERENCE_LENGTH_MAX = 255
CODE_LENGTH_MAX = 200


@strawberry.input(description="A card that a partner sold at its till.")
class IssueGiftCardInput:
    """Input of issueGiftCard."""

    idempotency_key: str
    amount: MoneyInput
    external_id: str = strawberry.field(description="The sale at the till; it sells one card.")
    brand_id: strawberry.ID | None = None
    member_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Whose card it is, who then sees its code; else the partner hands it over.",
    )
    expires_at: datetime | None = None


@strawberry.type
class IssueGiftCardPayload(Payload):
    """The card."""

    gift_card: GiftCard | None = None


@strawberry.input(
    description="An amount to set aside on a card, named by its code or, by its seller, by its id."
)
class AuthorizeGiftCardInput:
    """Input of authorizeGiftCard."""

    idempotency_key: str
    code: str | None = None
    card_id: strawberry.ID | None = None
    amount: MoneyInput
    merchant_reference: str


@strawberry.input(description="What to take of an authorized amount; the rest is free again.")
class CaptureGiftCardInput:
    """Input of captureGiftCard."""

    idempotency_key: str
    authorization_id: strawberry.ID
    amount: MoneyInput


@strawberry.input(description="An authorized amount to let go of.")
class VoidGiftCardInput:
    """Input of voidGiftCard."""

    idempotency_key: str
    authorization_id: strawberry.ID


@strawberry.input(description="What to give back to the card that it was taken from.")
class RefundGiftCardInput:
    """Input of refundGiftCard."""

    idempotency_key: str
    authorization_id: strawberry.ID
    amount: MoneyInput


@strawberry.type
class CardAuthorizationPayload(Payload):
    """The authorization as it is now."""

    authorization: CardAuthorization | None = None


@strawberry.input(description="A card to stop, or to let go on.")
class FreezeGiftCardInput:
    """Input of freezeGiftCard."""

    idempotency_key: str
    card_id: strawberry.ID
    frozen: bool = True


@strawberry.type
class FreezeGiftCardPayload(Payload):
    """The card."""

    gift_card: GiftCard | None = None


def _optional(context: Context, text: strawberry.ID | None, type_: str, name: str) -> UUID | None:
    return None if text is None else key_of(context, text, type_, path=(name,))


def _authorization_key(context: Context, text: strawberry.ID) -> UUID:
    return key_of(context, text, "CardAuthorization", path=("authorizationId",))


async def _shown(info: Info, done: Performed) -> CardAuthorizationPayload:
    return CardAuthorizationPayload(
        authorization=await done.load(info, "CardAuthorization", "authorization"),
        problems=done.problems,
        replayed=done.replayed,
    )


async def _found_by_code(context: Context, code: str) -> domain.CardLookup:
    """Look a card up in a transaction of its own, so that a failure counts whatever follows."""
    async with context.database.writing(context.network_id) as db:
        return await domain.look_up_card(
            db,
            vault=context.vault,
            network_id=context.network_id,
            caller=context.known_caller.identity,
            code=Secret(code[:CODE_LENGTH_MAX]),
            now=context.now,
        )


async def _sold_card(
    context: Context, db: AsyncConnection, card_id: UUID, partner_id: UUID
) -> UUID:
    """Let a card's id through for the partner who sold it; an id is no proof of having the card."""
    cards = await domain.read_gift_cards(db, network_id=context.network_id, card_ids=[card_id])
    if card_id not in cards or cards[card_id].partner_id != partner_id:
        raise domain.CodeRefused
    return card_id


@strawberry.type
class Mutation:
    """Cards at the till."""

    @mutation(allow=PARTNER)
    async def issue_gift_card(
        self,
        info: Info,
        input: IssueGiftCardInput,  # noqa: A002
    ) -> IssueGiftCardPayload:
        """Sell a card of the network's own: the partner took the money and owes the network."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            card = await domain.issue_gift_card(
                db,
                vault=context.vault,
                network_id=context.network_id,
                partner_id=acting_partner(context, None),
                face=input.amount.positive("amount"),
                external_id=bounded(input.external_id, "externalId", longest=REFERENCE_LENGTH_MAX),
                brand_id=_optional(context, input.brand_id, "Brand", "brandId"),
                member_id=_optional(context, input.member_id, "Member", "memberId"),
                expires_at=None
                if input.expires_at is None
                else instant(input.expires_at, "expiresAt"),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"card": card.card_id}

        done = await perform(info, mutation="issueGiftCard", input=input, work=work)
        return IssueGiftCardPayload(
            gift_card=await done.load(info, "GiftCard", "card"),
            problems=done.problems,
            replayed=done.replayed,
        )

    @mutation(allow=PARTNER)
    async def authorize_gift_card(
        self,
        info: Info,
        input: AuthorizeGiftCardInput,  # noqa: A002
    ) -> CardAuthorizationPayload:
        """Set an amount of a card aside for seven days. Every code that cannot be used is answered
        CODE_REFUSED alike; too many of them are LIMIT_EXCEEDED.
        """
        context: Context = info.context
        found = None if input.code is None else await _found_by_code(context, input.code)

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            if (input.code is None) == (input.card_id is None):
                raise InvalidInput(reason="Give either code or cardId.", path=("code",))
            partner_id = acting_partner(context, None)
            if found is not None and found.is_limited:
                raise domain.TooManyGuesses(path=("code",))
            card_id = None if found is None else found.card_id
            if input.card_id is not None:
                named = key_of(context, input.card_id, "GiftCard", path=("cardId",))
                card_id = await _sold_card(context, db, named, partner_id)
            if card_id is None:
                raise domain.CodeRefused
            one = await domain.authorize_gift_card(
                db,
                network_id=context.network_id,
                partner_id=partner_id,
                card_id=card_id,
                amount=input.amount.positive("amount"),
                merchant_reference=bounded(
                    input.merchant_reference, "merchantReference", longest=REFERENCE_LENGTH_MAX
                ),
                now=context.now,
            )
            return {"authorization": one.authorization_id}

        done = await perform(info, mutation="authorizeGiftCard", input=input, work=work)
        return await _shown(info, done)

    @mutation(allow=PARTNER)
    async def capture_gift_card(
        self,
        info: Info,
        input: CaptureGiftCardInput,  # noqa: A002
    ) -> CardAuthorizationPayload:
        """Take up to the authorized amount; the network owes it to the merchant less commission."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            one = await domain.capture_gift_card(
                db,
                network_id=context.network_id,
                partner_id=acting_partner(context, None),
                authorization_id=_authorization_key(context, input.authorization_id),
                amount=input.amount.positive("amount"),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"authorization": one.authorization_id}

        done = await perform(info, mutation="captureGiftCard", input=input, work=work)
        return await _shown(info, done)

    @mutation(allow=PARTNER)
    async def void_gift_card(
        self,
        info: Info,
        input: VoidGiftCardInput,  # noqa: A002
    ) -> CardAuthorizationPayload:
        """Let go of an authorized amount."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            one = await domain.void_gift_card(
                db,
                network_id=context.network_id,
                partner_id=acting_partner(context, None),
                authorization_id=_authorization_key(context, input.authorization_id),
                now=context.now,
            )
            return {"authorization": one.authorization_id}

        done = await perform(info, mutation="voidGiftCard", input=input, work=work)
        return await _shown(info, done)

    @mutation(allow=PARTNER)
    async def refund_gift_card(
        self,
        info: Info,
        input: RefundGiftCardInput,  # noqa: A002
    ) -> CardAuthorizationPayload:
        """Give back to a card what was taken from it; the commission on it comes back too."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            refund = await domain.refund_gift_card(
                db,
                network_id=context.network_id,
                partner_id=acting_partner(context, None),
                authorization_id=_authorization_key(context, input.authorization_id),
                amount=input.amount.positive("amount"),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"authorization": refund.authorization_id}

        done = await perform(info, mutation="refundGiftCard", input=input, work=work)
        return await _shown(info, done)

    @mutation(allow=OPERATOR)
    async def freeze_gift_card(
        self,
        info: Info,
        input: FreezeGiftCardInput,  # noqa: A002
    ) -> FreezeGiftCardPayload:
        """Stop a card from being used, or let it be used again."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            card = await domain.freeze_gift_card(
                db,
                network_id=context.network_id,
                card_id=key_of(context, input.card_id, "GiftCard", path=("cardId",)),
                is_frozen=input.frozen,
            )
            return {"card": card.card_id}

        done = await perform(info, mutation="freezeGiftCard", input=input, work=work)
        return FreezeGiftCardPayload(
            gift_card=await done.load(info, "GiftCard", "card"),
            problems=done.problems,
            replayed=done.replayed,
        )
