"""Slots of experiences, and the seats that members booked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from graphql import GraphQLError
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.auth.caller import CallerKind
from api.graphql.catalog.vouchers import is_for
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.agreements import Partner
from api.graphql.partners.members import Member
from api.graphql.permissions import EVERYONE, OPERATOR, PARTNER, Payload, mutation
from api.graphql.scalars import Money, instant, show_money
from catalog import experiences as domain
from catalog.experiences import BookingState

SLOTS_MAX = 100

strawberry.enum(BookingState, description="What became of a seat.")


@strawberry.federation.type(keys=["id"], description="One time at which an experience takes place.")
class ExperienceSlot(Node):
    """A slot."""

    shown: strawberry.Private[domain.ExperienceSlot]
    starts_at: datetime
    capacity: int = strawberry.field(description="Seats in all.")
    left: int = strawberry.field(description="Seats that are free at the moment.")

    @strawberry.field(description="What takes place: an ExperienceReward.")
    async def reward(self, info: Info) -> Node | None:
        """Find the experience."""
        found: Node | None = await load_one(info.context, "Reward", self.shown.reward_id)
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: domain.ExperienceSlot) -> "ExperienceSlot":
        """Show a slot."""
        return cls(
            id=id_of("ExperienceSlot", network_id, one.slot_id),
            shown=one,
            starts_at=one.starts_at,
            capacity=one.capacity,
            left=one.left,
        )


@strawberry.federation.type(keys=["id"], description="A seat that a member booked.")
class Booking(Node):
    """A booking."""

    shown: strawberry.Private[domain.Booking]
    state: BookingState
    price: Money
    penalty: Money | None = strawberry.field(description="What cancelling it cost.")
    free_until_hours: int | None
    penalty_bps: int
    starts_at: datetime
    booked_at: datetime
    ended_at: datetime | None

    @strawberry.field(description="When and what.")
    async def slot(self, info: Info) -> ExperienceSlot | None:
        """Find the slot."""
        found: ExperienceSlot | None = await load_one(
            info.context, "ExperienceSlot", self.shown.slot_id
        )
        return found

    @strawberry.field(description="Who provides it.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @strawberry.field(description="Whose seat it is; null when another partner enrolled them.")
    async def member(self, info: Info) -> Member | None:
        """Find the member."""
        found: Member | None = await load_one(info.context, "Member", self.shown.member_id)
        return found

    @strawberry.field(
        description="The network's part of the price; of no concern to members, so null for them."
    )
    def commission(self, info: Info) -> Money | None:
        """Show the commission."""
        if info.context.known_caller.kind is CallerKind.MEMBER:
            return None
        return show_money(self.shown.commission)

    @classmethod
    def from_domain(cls, network_id: int, one: domain.Booking) -> "Booking":
        """Show a booking."""
        return cls(
            id=id_of("Booking", network_id, one.booking_id),
            shown=one,
            state=one.state,
            price=show_money(one.price),
            penalty=None if one.penalty is None else show_money(one.penalty),
            free_until_hours=one.free_until_hours,
            penalty_bps=one.penalty_bps,
            starts_at=one.starts_at,
            booked_at=one.booked_at,
            ended_at=one.ended_at,
        )


@node_kind("ExperienceSlot", allow=EVERYONE)
async def load_slots(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, ExperienceSlot]:
    """Find slots; everybody in the network may see them."""
    async with context.reading() as db:
        found = await domain.read_slots(db, network_id=context.network_id, slot_ids=keys)
    return {key: ExperienceSlot.from_domain(context.network_id, one) for key, one in found.items()}


@node_kind("Booking", allow=EVERYONE)
async def load_bookings(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Booking]:
    """Find bookings: a member's own, those of a partner's experiences, or all for the staff."""
    async with context.reading() as db:
        found = await domain.read_bookings(db, network_id=context.network_id, booking_ids=keys)
    return {
        key: Booking.from_domain(context.network_id, one)
        for key, one in found.items()
        if is_for(context, one.member_id, one.partner_id)
    }


async def slots_of(
    info: Info, reward_id: UUID, *, since: datetime | None, first: int
) -> list[ExperienceSlot]:
    """List the next slots of an experience."""
    context: Context = info.context
    if since is not None and since.tzinfo is None:
        raise GraphQLError("An instant has a time zone.", extensions={"code": "BAD_ARGUMENT"})
    start = context.now if since is None else max(since, context.now)
    async with context.reading() as db:
        found = await domain.list_slots(
            db,
            network_id=context.network_id,
            reward_id=reward_id,
            since=start,
            limit=min(max(first, 1), SLOTS_MAX),
        )
    return [ExperienceSlot.from_domain(context.network_id, one) for one in found]


@strawberry.input(description="A time at which an experience takes place.")
class CreateExperienceSlotInput:
    """Input of createExperienceSlot."""

    idempotency_key: str
    reward_id: strawberry.ID
    starts_at: datetime
    capacity: int = strawberry.field(description="Seats in all.")


@strawberry.type
class CreateExperienceSlotPayload(Payload):
    """The slot."""

    slot: ExperienceSlot | None = None


@strawberry.type
class Mutation:
    """Offering seats."""

    @mutation(allow=OPERATOR | PARTNER)
    async def create_experience_slot(
        self,
        info: Info,
        input: CreateExperienceSlotInput,  # noqa: A002
    ) -> CreateExperienceSlotPayload:
        """Offer an experience at a time; a partner offers its own."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await domain.add_slot(
                db,
                network_id=context.network_id,
                reward_id=key_of(context, input.reward_id, "Reward", path=("rewardId",)),
                starts_at=instant(input.starts_at, "startsAt"),
                capacity=input.capacity,
                partner_id=context.known_caller.partner_id,
                now=context.now,
            )
            return {"slot": made.slot_id}

        done = await perform(info, mutation="createExperienceSlot", input=input, work=work)
        return CreateExperienceSlotPayload(
            slot=await done.load(info, "ExperienceSlot", "slot"),
            problems=done.problems,
            replayed=done.replayed,
        )
