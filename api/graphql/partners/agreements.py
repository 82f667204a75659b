"""Partners, their agreements and their balances."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from uuid import UUID

import strawberry
from graphql import GraphQLError
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.auth.caller import CallerKind
from api.graphql.context import Context
from api.graphql.languages import LocaleArgument
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.acting import acting_partner, own_network
from api.graphql.permissions import (
    AUDITOR,
    EVERYONE,
    FINANCE,
    OPERATOR,
    PARTNER,
    STAFF,
    Payload,
    mutation,
    query,
)
from api.graphql.scalars import (
    AsOf,
    CurrencyCode,
    Money,
    asked_instant,
    instant,
    show_money,
)
from api.graphql.texts import LocalizedText, LocalizedTextInput, show_texts, text_in, texts
from partners import agreements
from partners.agreements import UnspentTo, find_agreement, read_partner_balances
from partners.networks import get_network
from payouts.refusal import Refusal


@strawberry.enum(description="What a partner does in the network; one may do several.")
class PartnerRole(Enum):
    """Roles of partners."""

    MERCHANT = "merchant"
    SUPPLIER = "supplier"
    BRAND = "brand"
    SPONSOR = "sponsor"


@strawberry.enum(description="Whether a partner takes part.")
class PartnerState(Enum):
    """States of partners."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@strawberry.enum(description="Who gets earned value that nobody spent in time.")
class UnspentValue(Enum):
    """Takers of what lapses."""

    NETWORK = "network"
    FUNDER = "funder"


@strawberry.federation.type(
    keys=["id"],
    description="One version of the terms between a partner and the network. Never edited.",
)
class Agreement(Node):
    """A version of an agreement."""

    version: int
    currency: CurrencyCode
    purchase_fee_bps: int = strawberry.field(description="Of a purchase, in 1/10,000.")
    acceptance_fee_bps: int = strawberry.field(description="Of a card accepted, in 1/10,000.")
    experience_commission_bps: int = strawberry.field(description="Of a booking, in 1/10,000.")
    return_window_days: int
    unspent_value: UnspentValue = strawberry.field(
        description="Who gets what purchases earned there and nobody spent in time."
    )
    effective_from: datetime
    effective_to: datetime | None

    @classmethod
    def from_domain(cls, network_id: int, one: agreements.Agreement) -> "Agreement":
        """Show a version of an agreement."""
        return cls(
            id=id_of("Agreement", network_id, one.agreement_id),
            version=one.version,
            currency=CurrencyCode(one.currency),
            purchase_fee_bps=one.purchase_fee_bps,
            acceptance_fee_bps=one.acceptance_fee_bps,
            experience_commission_bps=one.experience_commission_bps,
            return_window_days=one.return_window_days,
            unspent_value=UnspentValue(one.unspent_to.value),
            effective_from=one.effective_from,
            effective_to=one.effective_to,
        )


@strawberry.federation.type(
    keys=["id"], description="A merchant, supplier, brand or sponsor with accounts in the book."
)
class Partner(Node):
    """A partner."""

    shown: strawberry.Private[agreements.Partner]
    roles: list[PartnerRole]
    country: str
    state: PartnerState

    @strawberry.field(description="Its name in a language, that of the request by default.")
    async def name(self, info: Info, locale: LocaleArgument = None) -> str:
        """Pick the name."""
        return await text_in(info, self.shown.name, locale)

    @strawberry.field(description="Its name in every language it has.")
    def names(self) -> list[LocalizedText]:
        """Show the names."""
        return show_texts(self.shown.name)

    @strawberry.field(description="The terms in force now, for the partner itself and the staff.")
    async def agreement(self, info: Info) -> Agreement | None:
        """Find the terms in force."""
        context: Context = info.context
        async with context.reading() as db:
            found = await find_agreement(
                db,
                network_id=context.network_id,
                partner_id=self.shown.partner_id,
                at=context.now,
            )
        return None if found is None else Agreement.from_domain(context.network_id, found)

    @classmethod
    def from_domain(cls, network_id: int, one: agreements.Partner) -> "Partner":
        """Show a partner."""
        return cls(
            id=id_of("Partner", network_id, one.partner_id),
            shown=one,
            roles=sorted((PartnerRole(role.value) for role in one.roles), key=lambda r: r.value),
            country=one.country,
            state=PartnerState(one.state.value),
        )


@node_kind("Partner", allow=EVERYONE)
async def load_partners(context: Context, keys: Sequence[UUID]) -> dict[UUID, Partner]:
    """Find partners; a partner finds itself alone, a member all merchants."""
    caller = context.known_caller
    if caller.kind is CallerKind.PARTNER:
        keys = [key for key in keys if key == caller.partner_id]
    async with context.reading() as db:
        found = await agreements.read_partners(db, network_id=context.network_id, partner_ids=keys)
    return {key: Partner.from_domain(context.network_id, one) for key, one in found.items()}


@node_kind("Agreement", allow=PARTNER | STAFF)
async def load_agreements(context: Context, keys: Sequence[UUID]) -> dict[UUID, Agreement]:
    """Find versions of agreements."""
    async with context.reading() as db:
        found = await agreements.read_agreements(
            db, network_id=context.network_id, agreement_ids=keys
        )
    return {key: Agreement.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type(description="Where a partner and the network stand in one currency.")
class PartnerCurrencyBalance:
    """One currency of a partner's balance."""

    currency: CurrencyCode
    receivable_pending: Money = strawberry.field(
        description="What the partner will owe when return windows are over."
    )
    receivable: Money = strawberry.field(description="What the partner owes, not yet settled.")
    payable_pending: Money = strawberry.field(
        description="What the partner will be owed when services are delivered."
    )
    payable: Money = strawberry.field(description="What the partner is owed, not yet settled.")
    billed: Money = strawberry.field(description="What it owes from settled cycles.")
    due: Money = strawberry.field(description="What it is owed from settled cycles.")
    net: Money = strawberry.field(
        description="What it is owed on balance, pending parts aside; below zero it owes."
    )

    @classmethod
    def from_domain(cls, one: agreements.PartnerBalance) -> "PartnerCurrencyBalance":
        """Show one currency."""
        return cls(
            currency=CurrencyCode(one.currency),
            receivable_pending=show_money(one.receivable_pending),
            receivable=show_money(one.receivable),
            payable_pending=show_money(one.payable_pending),
            payable=show_money(one.payable),
            billed=show_money(one.billed),
            due=show_money(one.due),
            net=show_money(one.net),
        )


@strawberry.type(description="Where a partner and the network stand with each other.")
class PartnerBalance:
    """A partner's balance."""

    partner_key: strawberry.Private[UUID]
    balances: list[PartnerCurrencyBalance] = strawberry.field(
        description="One for each currency, the network's own first."
    )

    @strawberry.field(description="Whose balance it is.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.partner_key)
        return found


@strawberry.type
class Query:
    """Reads of partners."""

    @query(allow=PARTNER | OPERATOR | FINANCE | AUDITOR)
    async def partner_balance(
        self, info: Info, partner_id: strawberry.ID | None = None, as_of: AsOf = None
    ) -> PartnerBalance:
        """Where a partner stands. A partner sees itself; staff name the partner."""
        context: Context = info.context
        before = asked_instant(as_of)
        try:
            key = acting_partner(context, partner_id)
            async with context.reading() as db:
                network = await get_network(db, network_id=own_network(context))
                found = await read_partner_balances(
                    db,
                    network_id=network.network_id,
                    partner_id=key,
                    currency=network.currency,
                    effective_before=before,
                )
        except Refusal as refusal:
            raise GraphQLError(refusal.message, extensions={"code": "NOT_FOUND"}) from refusal
        return PartnerBalance(
            partner_key=key, balances=[PartnerCurrencyBalance.from_domain(one) for one in found]
        )


@strawberry.input(description="Who a new partner is.")
class CreatePartnerInput:
    """Input of createPartner."""

    idempotency_key: str
    name: list[LocalizedTextInput]
    roles: list[PartnerRole]
    country: str = strawberry.field(description="ISO 3166, such as SA.")


@strawberry.type
class CreatePartnerPayload(Payload):
    """The partner."""

    partner: Partner | None = None


@strawberry.input(description="New terms with a partner.")
class PublishAgreementInput:
    """Input of publishAgreement."""

    idempotency_key: str
    partner_id: strawberry.ID
    currency: CurrencyCode
    purchase_fee_bps: int
    acceptance_fee_bps: int = 0
    experience_commission_bps: int = 0
    return_window_days: int
    unspent_value: UnspentValue = strawberry.field(
        default=UnspentValue.NETWORK,
        description="Who gets what purchases earn there and nobody spends in time.",
    )
    effective_from: datetime | None = strawberry.field(
        default=None, description="Now, if not given. Only a first version may start in the past."
    )


@strawberry.type
class PublishAgreementPayload(Payload):
    """The version now in force or to come."""

    agreement: Agreement | None = None


@strawberry.type
class Mutation:
    """Setting partners up."""

    @mutation(allow=OPERATOR)
    async def create_partner(
        self,
        info: Info,
        input: CreatePartnerInput,  # noqa: A002
    ) -> CreatePartnerPayload:
        """Take a partner into the network."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await agreements.create_partner(
                db,
                network_id=own_network(context),
                name=texts(input.name, "name"),
                roles=[role.value for role in input.roles],
                country=input.country,
                now=context.now,
            )
            return {"partner": made.partner_id}

        done = await perform(info, mutation="createPartner", input=input, work=work)
        return CreatePartnerPayload(
            partner=await done.load(info, "Partner", "partner"),
            problems=done.problems,
            replayed=done.replayed,
        )

    @mutation(allow=OPERATOR)
    async def publish_agreement(
        self,
        info: Info,
        input: PublishAgreementInput,  # noqa: A002
    ) -> PublishAgreementPayload:
        """Put new terms with a partner in force; the version before ends where this one starts."""
        context: Context = info.context
        start = input.effective_from

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await agreements.publish_agreement(
                db,
                network_id=own_network(context),
                partner_id=key_of(context, input.partner_id, "Partner", path=("partnerId",)),
                currency=input.currency,
                purchase_fee_bps=input.purchase_fee_bps,
                acceptance_fee_bps=input.acceptance_fee_bps,
                experience_commission_bps=input.experience_commission_bps,
                return_window_days=input.return_window_days,
                unspent_to=UnspentTo(input.unspent_value.value),
                effective_from=context.now if start is None else instant(start, "effectiveFrom"),
                now=context.now,
            )
            return {"agreement": made.agreement_id}

        done = await perform(info, mutation="publishAgreement", input=input, work=work)
        return PublishAgreementPayload(
            agreement=await done.load(info, "Agreement", "agreement"),
            problems=done.problems,
            replayed=done.replayed,
        )
