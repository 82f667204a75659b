"""Members, their wallets, and who is asking."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

import strawberry
from graphql import GraphQLError
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.auth.caller import PLATFORM_NETWORK_ID
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.acting import acting_partner, own_network
from api.graphql.partners.agreements import Partner
from api.graphql.partners.clients import StaffRole
from api.graphql.partners.lots import LOTS_MAX, WalletLot
from api.graphql.partners.networks import Network
from api.graphql.permissions import (
    AUDITOR,
    EVERYONE,
    FINANCE,
    MEMBER,
    OPERATOR,
    PARTNER,
    Payload,
    mutation,
    query,
)
from api.graphql.scalars import CurrencyCode, Money, bounded, show_money
from partners import members
from partners.members import list_wallet_lots, read_members, read_wallets, wallet_accounts
from partners.networks import get_network
from payouts.ledger import sum_expiring
from payouts.refusal import Refusal

SOON = timedelta(days=30)
REASON_LENGTH_MAX = 1_000


@strawberry.federation.type(
    keys=["id"],
    description="A person who earns and spends, as the partner who enrolled them knows them.",
)
class Member(Node):
    """A member."""

    shown: strawberry.Private[members.Member]
    external_id: str = strawberry.field(description="The enrolling partner's identity for them.")
    enrolled_at: datetime
    erased_at: datetime | None = strawberry.field(
        description="When everything personal was removed; the id alone remains."
    )

    @strawberry.field(description="Who enrolled them.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: members.Member) -> "Member":
        """Show a member."""
        return cls(
            id=id_of("Member", network_id, one.member_id),
            shown=one,
            external_id=one.external_id,
            enrolled_at=one.enrolled_at,
            erased_at=one.erased_at,
        )


@node_kind("Member", allow=EVERYONE)
async def load_members(context: Context, keys: Sequence[UUID]) -> dict[UUID, Member]:
    """Find members: oneself, those a partner enrolled, or anyone for the staff."""
    async with context.reading() as db:
        found = await read_members(db, network_id=context.network_id, member_ids=keys)
    return {key: Member.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type(description="What a member has in one currency.")
class WalletBalance:
    """One currency of a wallet."""

    shown: strawberry.Private[members.Wallet]
    currency: CurrencyCode
    available: Money = strawberry.field(description="Can be spent now.")
    held: Money = strawberry.field(description="Set aside by something under way.")
    pending: Money = strawberry.field(description="Waits for return windows to be over.")
    debt: Money = strawberry.field(description="Returned after it was spent; paid first.")

    @strawberry.field(description="What of it lapses within 30 days if it is not used.")
    async def expiring_soon(self, info: Info) -> Money:
        """Sum what lapses soon."""
        context: Context = info.context
        account, *_ = wallet_accounts(self.shown.member_id, self.shown.currency)
        async with context.reading() as db:
            found = await sum_expiring(
                db,
                network_id=context.network_id,
                accounts=[account],
                until=context.now + SOON,
            )
        return show_money(found[account])

    @classmethod
    def from_domain(cls, one: members.Wallet) -> "WalletBalance":
        """Show one currency."""
        return cls(
            shown=one,
            currency=CurrencyCode(one.currency),
            available=show_money(one.available),
            held=show_money(one.held),
            pending=show_money(one.pending),
            debt=show_money(one.debt),
        )


@strawberry.type(description="What a member has.")
class Wallet:
    """A wallet."""

    member_key: strawberry.Private[UUID]
    balances: list[WalletBalance] = strawberry.field(
        description="One for each currency, the network's own first."
    )

    @strawberry.field(
        description="What its available value is made of, what lapses soonest first; at most 100."
    )
    async def lots(self, info: Info) -> list[WalletLot]:
        """List the lots that have something left."""
        context: Context = info.context
        async with context.reading() as db:
            found = await list_wallet_lots(
                db,
                network_id=context.network_id,
                member_id=self.member_key,
                limit=LOTS_MAX,
            )
        return [WalletLot.from_domain(one) for one in found]

    @strawberry.field(description="Whose wallet it is.")
    async def member(self, info: Info) -> Member | None:
        """Find the member."""
        found: Member | None = await load_one(info.context, "Member", self.member_key)
        return found


@strawberry.enum(description="The three sorts of caller.")
class CallerKind(Enum):
    """Kinds of caller."""

    PARTNER = "partner"
    MEMBER = "member"
    STAFF = "staff"


@strawberry.type(description="Who is asking.")
class Viewer:
    """The caller."""

    kind: CallerKind
    subject: str
    roles: list[StaffRole]

    @strawberry.field(description="The caller's network; null for the platform's own staff.")
    async def network(self, info: Info) -> Network | None:
        """Find the network."""
        context: Context = info.context
        if context.network_id == PLATFORM_NETWORK_ID:
            return None
        found: Network | None = await load_one(context, "Network", UUID(int=context.network_id))
        return found

    @strawberry.field(description="The partner, or the one whose member is asking.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        key = info.context.known_caller.partner_id
        found: Partner | None = await load_one(info.context, "Partner", key)
        return found

    @strawberry.field(description="The member.")
    async def member(self, info: Info) -> Member | None:
        """Find the member."""
        key = info.context.known_caller.member_id
        found: Member | None = await load_one(info.context, "Member", key)
        return found


@strawberry.type
class Query:
    """Reads of members."""

    @query(allow=EVERYONE)
    async def viewer(self, info: Info) -> Viewer:
        """Who is asking, by this token."""
        caller = info.context.known_caller
        return Viewer(
            kind=CallerKind(caller.kind.value),
            subject=caller.subject,
            roles=[StaffRole(role.value) for role in sorted(caller.roles)],
        )

    @query(allow=MEMBER | OPERATOR | FINANCE | AUDITOR)
    async def wallet(self, info: Info, member_id: strawberry.ID | None = None) -> Wallet:
        """What a member has. A member sees their own; staff name the member."""
        context: Context = info.context
        try:
            key = _member_asked(context, member_id)
            async with context.reading() as db:
                network = await get_network(db, network_id=own_network(context))
                found = await read_wallets(
                    db,
                    network_id=network.network_id,
                    member_id=key,
                    currency=network.currency,
                )
        except Refusal as refusal:
            raise GraphQLError(refusal.message, extensions={"code": "NOT_FOUND"}) from refusal
        return Wallet(member_key=key, balances=[WalletBalance.from_domain(one) for one in found])


def _member_asked(context: Context, given: strawberry.ID | None) -> UUID:
    own = context.known_caller.member_id
    if given is None and own is None:
        raise GraphQLError("Name the member.", extensions={"code": "BAD_ARGUMENT"})
    named = own if given is None else key_of(context, given, "Member", path=("memberId",))
    assert named is not None
    return named


@strawberry.input(description="Whom to enrol.")
class EnrolMemberInput:
    """Input of enrolMember."""

    idempotency_key: str
    external_id: str = strawberry.field(description="The partner's own identity for the person.")
    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="For staff; a partner enrols its own."
    )


@strawberry.type
class EnrolMemberPayload(Payload):
    """The member."""

    member: Member | None = None


@strawberry.input(description="Whom to erase, and why.")
class EraseMemberInput:
    """Input of eraseMember."""

    idempotency_key: str
    member_id: strawberry.ID
    reason: str = strawberry.field(
        description="Such as the number of the person's request; kept, so it names nobody."
    )


@strawberry.type
class EraseMemberPayload(Payload):
    """The member, of whom the id remains."""

    member: Member | None = None


@strawberry.type
class Mutation:
    """Enrolment and erasure."""

    @mutation(allow=OPERATOR | PARTNER)
    async def enrol_member(
        self,
        info: Info,
        input: EnrolMemberInput,  # noqa: A002
    ) -> EnrolMemberPayload:
        """Take a person into the network. The same identity again is the same member."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await members.enrol_member(
                db,
                network_id=own_network(context),
                partner_id=acting_partner(context, input.partner_id),
                external_id=input.external_id,
                now=context.now,
            )
            return {"member": made.member_id}

        done = await perform(info, mutation="enrolMember", input=input, work=work)
        return EnrolMemberPayload(
            member=await done.load(info, "Member", "member"),
            problems=done.problems,
            replayed=done.replayed,
        )

    @mutation(allow=OPERATOR)
    async def erase_member(
        self,
        info: Info,
        input: EraseMemberInput,  # noqa: A002
    ) -> EraseMemberPayload:
        """Remove all that is personal of a member without money; books and proofs stay good."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            erased = await members.erase_member(
                db,
                network_id=own_network(context),
                member_id=key_of(context, input.member_id, "Member", path=("memberId",)),
                actor=context.known_caller.identity,
                reason=bounded(input.reason, "reason", longest=REASON_LENGTH_MAX),
                now=context.now,
            )
            return {"member": erased.member_id}

        done = await perform(info, mutation="eraseMember", input=input, work=work)
        return EraseMemberPayload(
            member=await done.load(info, "Member", "member"),
            problems=done.problems,
            replayed=done.replayed,
        )
