"""Payees: who is paid or debited, and its onboarding."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.auth.caller import CallerKind
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, load_one, node_kind
from api.graphql.partners.acting import acting_partner
from api.graphql.partners.agreements import Partner
from api.graphql.partners.members import Member
from api.graphql.partners.owners import Owners
from api.graphql.payouts.destinations import DestinationChange, changes_of
from api.graphql.payouts.pages import own_member
from api.graphql.permissions import (
    AUDITOR,
    FINANCE,
    MEMBER,
    OPERATOR,
    PARTNER,
    Payload,
    mutation,
)
from api.graphql.problems import IdForeignOrAbsent
from api.graphql.scalars import bounded
from partners.agreements import get_partner
from partners.members import MemberNotFound, MemberState, get_member
from payouts import disbursement

strawberry.enum(disbursement.PayeeState, description="Whether a payee can receive money.")


@strawberry.federation.type(
    keys=["id"], description="A partner or a member with its account at the payment provider."
)
class Payee(Node):
    """Somebody who is paid or debited."""

    shown: strawberry.Private[disbursement.Payee]
    state: disbursement.PayeeState
    country: str
    onboarding_url: str | None = strawberry.field(
        description="The provider's page on which the payee proves who it is; null while it is"
        " being made and once it is not needed."
    )
    onboarding_expires_at: datetime | None = strawberry.field(
        description="After this, connect the payee again for a fresh page."
    )
    requirements: list[str] = strawberry.field(description="What the provider still asks for.")
    can_be_debited: bool = strawberry.field(description="True once a debit mandate was given.")
    destination_pending: bool = strawberry.field(
        description="True while another destination is asked for than the one in force: its"
        " payouts are held meanwhile."
    )
    created_at: datetime

    @strawberry.field(
        description="Changes of where its money goes, the newest first, at most 100; its owner"
        " sees each from the moment it is asked for."
    )
    async def destination_changes(self, info: Info) -> list[DestinationChange]:
        """List the changes."""
        return await changes_of(info.context, self.shown.payee_id)

    @strawberry.field(
        description="The last four signs of the bank account that it is paid to by file; null when"
        " it is not paid by file."
    )
    async def bank_account_last4(self, info: Info) -> str | None:
        """Find the account in force."""
        context: Context = info.context
        async with context.reading() as db:
            found = await disbursement.read_bank_accounts(
                db, network_id=context.network_id, payee_id=self.shown.payee_id
            )
        in_force = self.shown.destination_hash
        return next((one.last4 for one in found.values() if one.destination_hash == in_force), None)

    @strawberry.field(description="The partner it is; null for a member.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @strawberry.field(description="The member it is; null for a partner.")
    async def member(self, info: Info) -> Member | None:
        """Find the member."""
        found: Member | None = await load_one(info.context, "Member", self.shown.member_id)
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: disbursement.Payee) -> "Payee":
        """Show a payee."""
        return cls(
            id=id_of("Payee", network_id, one.payee_id),
            shown=one,
            state=one.state,
            country=one.country,
            onboarding_url=one.onboarding_url,
            onboarding_expires_at=one.onboarding_expires_at,
            requirements=list(one.requirements),
            can_be_debited=one.payment_method_id is not None,
            destination_pending=one.is_changing,
            created_at=one.created_at,
        )


@node_kind("Payee", allow=PARTNER | MEMBER | OPERATOR | FINANCE | AUDITOR)
async def load_payees(context: Context, keys: Sequence[UUID]) -> dict[UUID, Payee]:
    """Find payees of the caller's scope."""
    async with context.reading() as db:
        found = await disbursement.read_payees(db, network_id=context.network_id, payee_ids=keys)
    return {key: Payee.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.input
class ConnectPayeeInput:
    """Who is to be paid. A partner or a member connects itself; staff name one of them."""

    idempotency_key: str
    country: str = strawberry.field(description="Two capital letters, such as SA.")
    email: str
    name: str = strawberry.field(default="Payee", description="As it shall stand at the provider.")
    return_url: str | None = strawberry.field(
        default=None, description="Where the provider's page leads back to."
    )
    partner_id: strawberry.ID | None = None
    member_id: strawberry.ID | None = None


@strawberry.type
class ConnectPayeePayload(Payload):
    """The payee, or why there is none."""

    payee: Payee | None = None


async def owners_named(
    db: AsyncConnection,
    context: Context,
    partner_id: strawberry.ID | None,
    member_id: strawberry.ID | None,
) -> Owners:
    """Tell who is to be paid; the bank knows nobody, so the door makes sure that there is one."""
    kind = context.known_caller.kind
    is_member = kind is CallerKind.MEMBER
    if kind is CallerKind.PARTNER and member_id is not None:
        # Who is paid and asked by e-mail is for the member alone to say.
        raise IdForeignOrAbsent(path=("memberId",))
    if is_member and partner_id is not None:
        raise IdForeignOrAbsent(path=("partnerId",))
    if is_member or (member_id is not None and partner_id is None):
        own = own_member(context, member_id)
        member = await get_member(db, network_id=context.network_id, member_id=own)
        if member.state is MemberState.ERASED:
            raise MemberNotFound(path=("member_id",))
        return Owners(None, own)
    acting = acting_partner(context, partner_id)
    await get_partner(db, network_id=context.network_id, partner_id=acting)
    return Owners(acting, None)


@strawberry.type
class Mutation:
    """Connecting payees."""

    @mutation(allow=PARTNER | MEMBER | OPERATOR | FINANCE)
    async def connect_payee(
        self,
        info: Info,
        input: ConnectPayeeInput,  # noqa: A002
    ) -> ConnectPayeePayload:
        """Order an account at the payment provider, and its onboarding page.

        Poll the payee for `onboardingUrl`. Connecting again gives the same payee, with a fresh
        page while its onboarding is not complete.
        """
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            owners = await owners_named(db, context, input.partner_id, input.member_id)
            payee = await disbursement.connect_payee(
                db,
                network_id=context.network_id,
                partner_id=owners.partner_id,
                member_id=owners.member_id,
                country=input.country,
                email=bounded(input.email, "email", longest=320),
                name=bounded(input.name, "name", longest=200),
                return_url=input.return_url or "",
                now=context.now,
            )
            return {"payee": payee.payee_id}

        done = await perform(info, mutation="connectPayee", input=input, work=work)
        payee: Any = await done.load(info, "Payee", "payee")
        return ConnectPayeePayload(payee=payee, problems=done.problems, replayed=done.replayed)
