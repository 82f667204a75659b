"""Cards of the network's own, and what merchants set aside on them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.auth.caller import CallerKind
from api.graphql.catalog.brands import Brand
from api.graphql.catalog.vouchers import Voucher, is_for
from api.graphql.context import Context
from api.graphql.nodes import Node, id_of, load_node, load_one, node_kind
from api.graphql.permissions import EVERYONE, PARTNER, STAFF, query
from api.graphql.scalars import Money, show_money
from catalog import giftcards as domain
from catalog.giftcards import AuthorizationState, CardState
from catalog.vouchers import read_vouchers_of_cards
from payouts.ledger import Balance, read_balances

strawberry.enum(CardState, name="GiftCardState", description="Whether a card can be used.")
strawberry.enum(
    AuthorizationState,
    name="CardAuthorizationState",
    description="What became of an amount that a merchant set aside.",
)


@strawberry.federation.type(
    keys=["id"], description="A card of the network's own: its value is kept in the books."
)
class GiftCard(Node):
    """A card, without its code."""

    shown: strawberry.Private[domain.GiftCard]
    face: Money
    state: CardState
    issued_at: datetime
    expires_at: datetime | None
    external_id: str | None = strawberry.field(description="The sale at the partner's till.")

    @strawberry.field(description="What is on it.")
    async def balance(self, info: Info) -> Money:
        """Read the balance."""
        return show_money((await _balance_of(info.context, self.shown)).posted)

    @strawberry.field(description="What merchants have set aside of it.")
    async def held(self, info: Info) -> Money:
        """Read what is held."""
        return show_money((await _balance_of(info.context, self.shown)).held)

    @strawberry.field(description="What can be used now.")
    async def available(self, info: Info) -> Money:
        """Read what is free."""
        return show_money((await _balance_of(info.context, self.shown)).available)

    @strawberry.field(description="Whose mark it bears.")
    async def brand(self, info: Info) -> Brand | None:
        """Find the brand."""
        found: Brand | None = await load_one(info.context, "Brand", self.shown.brand_id)
        return found

    @strawberry.field(description="Its code; null when the code is another's to see.")
    async def voucher(self, info: Info) -> Voucher | None:
        """Find the voucher."""
        context: Context = info.context

        async def load(keys: list[UUID]) -> list[Voucher | None]:
            async with context.reading() as db:
                found = await read_vouchers_of_cards(
                    db, network_id=context.network_id, card_ids=keys
                )
            return [
                Voucher.from_domain(context.network_id, found[key]) if key in found else None
                for key in keys
            ]

        one: Voucher | None = await context.loader("GiftCard.voucher", load).load(
            self.shown.card_id
        )
        return one

    @classmethod
    def from_domain(cls, network_id: int, one: domain.GiftCard) -> "GiftCard":
        """Show a card."""
        return cls(
            id=id_of("GiftCard", network_id, one.card_id),
            shown=one,
            face=show_money(one.face),
            state=one.state,
            issued_at=one.issued_at,
            expires_at=one.expires_at,
            external_id=one.external_id,
        )


async def _balance_of(context: Context, card: domain.GiftCard) -> Balance:
    units = {card.card_id: card.face.currency}

    async def load(keys: list[UUID]) -> list[Balance]:
        accounts = [domain.card_account(key, units[key]) for key in keys]
        async with context.reading() as db:
            found = await read_balances(db, network_id=context.network_id, accounts=accounts)
        return [found[one] for one in accounts]

    name = f"GiftCard.balance {card.card_id}"
    one: Balance = await context.loader(name, load).load(card.card_id)
    return one


@strawberry.type(description="An amount that a merchant gave back to a card.")
class CardRefund:
    """A refund."""

    amount: Money
    fee: Money = strawberry.field(description="The commission that went back to the merchant.")
    refunded_at: datetime


@strawberry.federation.type(
    keys=["id"], description="An amount of a card that one merchant set aside."
)
class CardAuthorization(Node):
    """An authorization."""

    shown: strawberry.Private[domain.CardAuthorization]
    merchant_reference: str
    state: AuthorizationState
    amount: Money
    captured: Money
    refunded: Money
    fee: Money = strawberry.field(description="The network's commission on what was captured.")
    authorized_at: datetime
    expires_at: datetime
    ended_at: datetime | None

    @strawberry.field(description="The card; null unless it is the caller's to see.")
    async def card(self, info: Info) -> GiftCard | None:
        """Find the card."""
        found: GiftCard | None = await load_one(info.context, "GiftCard", self.shown.card_id)
        return found

    @strawberry.field(description="What was given back, in order.")
    async def refunds(self, info: Info) -> list[CardRefund]:
        """Find the refunds."""
        context: Context = info.context

        async def load(keys: list[UUID]) -> list[list[CardRefund]]:
            async with context.reading() as db:
                found = await domain.read_refunds(
                    db, network_id=context.network_id, authorization_ids=keys
                )
            return [
                [
                    CardRefund(
                        amount=show_money(one.amount),
                        fee=show_money(one.fee),
                        refunded_at=one.refunded_at,
                    )
                    for one in found[key]
                ]
                for key in keys
            ]

        loader = context.loader("CardAuthorization.refunds", load)
        ones: list[CardRefund] = await loader.load(self.shown.authorization_id)
        return ones

    @classmethod
    def from_domain(cls, network_id: int, one: domain.CardAuthorization) -> "CardAuthorization":
        """Show an authorization."""
        return cls(
            id=id_of("CardAuthorization", network_id, one.authorization_id),
            shown=one,
            merchant_reference=one.merchant_reference,
            state=one.state,
            amount=show_money(one.amount),
            captured=show_money(one.captured),
            refunded=show_money(one.refunded),
            fee=show_money(one.fee),
            authorized_at=one.authorized_at,
            expires_at=one.expires_at,
            ended_at=one.ended_at,
        )


@node_kind("GiftCard", allow=EVERYONE)
async def load_cards(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, GiftCard]:
    """Find cards: a member's own, those that a partner sold, or all for the staff."""
    async with context.reading() as db:
        found = await domain.read_gift_cards(db, network_id=context.network_id, card_ids=keys)
    return {
        key: GiftCard.from_domain(context.network_id, one)
        for key, one in found.items()
        if is_for(context, one.member_id, one.partner_id)
    }


@node_kind("CardAuthorization", allow=PARTNER | STAFF)
async def load_authorizations(
    context: Context, keys: Sequence[UUID]
) -> Mapping[UUID, CardAuthorization]:
    """Find authorizations: a partner's own, or all for the staff."""
    caller = context.known_caller
    async with context.reading() as db:
        found = await domain.read_authorizations(
            db, network_id=context.network_id, authorization_ids=keys
        )
    is_staff = caller.kind is CallerKind.STAFF
    return {
        key: CardAuthorization.from_domain(context.network_id, one)
        for key, one in found.items()
        if is_staff or one.partner_id == caller.partner_id
    }


@strawberry.type
class Query:
    """Reading cards."""

    @query(allow=EVERYONE)
    async def gift_card(self, info: Info, id: strawberry.ID) -> GiftCard | None:  # noqa: A002
        """One card of the network's own; null when there is none that this caller may see."""
        found = await load_node(info.context, id)
        return found if isinstance(found, GiftCard) else None
