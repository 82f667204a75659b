"""Where members stand: their tier and segments."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import GlobalId, Node, id_of, key_of, node_kind
from api.graphql.permissions import OPERATOR, STAFF, Payload, mutation, query
from api.graphql.problems import ProblemCode, Rule, register_problems
from partners import standings as domain

register_problems(
    (
        Rule(
            domain.StandingInvalid,
            ProblemCode.INVALID_INPUT,
            "The standing cannot be set: one tier and at most 50 segments, of small letters, digits"
            " and hyphens. Nothing changed.",
            "لا يمكن تعيين التصنيف: فئة واحدة و50 شريحة على الأكثر، من حروف صغيرة وأرقام وواصلات."
            " لم يتغير شيء.",
        ),
    )
)


@strawberry.federation.type(
    keys=["id"], description="In which tier and segments a member is; rules of assortments ask it."
)
class MemberStanding(Node):
    """A version of a member's standing."""

    version: int = strawberry.field(description="Counts up; the newest is in force.")
    tier: str | None
    segments: list[str]
    set_by: str
    set_at: datetime

    @classmethod
    def from_domain(cls, network_id: int, one: domain.Standing) -> Self:
        """Show a standing."""
        return cls(
            id=id_of("MemberStanding", network_id, one.member_standing_id),
            version=one.version,
            tier=one.tier,
            segments=list(one.segments),
            set_by=one.set_by,
            set_at=one.set_at,
        )


@node_kind("MemberStanding", allow=STAFF)
async def load_standings(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, MemberStanding]:
    """Find standings by id."""
    async with context.reading() as db:
        found = await domain.read_standings(db, network_id=context.network_id, standing_ids=keys)
    return {key: MemberStanding.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type
class Query:
    """Reads of standings."""

    @query(allow=STAFF)
    async def member_standing(
        self, info: Info, *, member_id: strawberry.ID
    ) -> MemberStanding | None:
        """Where a member stands; null when nobody ever said."""
        context: Context = info.context
        named = GlobalId.parse(member_id)
        if named is None or (named.type, named.network_id) != ("Member", context.network_id):
            return None
        async with context.reading() as db:
            found = await domain.find_standing(
                db, network_id=context.network_id, member_id=named.id
            )
        return None if found is None else MemberStanding.from_domain(context.network_id, found)


@strawberry.input(description="All of it: what is left out the member is no longer in.")
class SetMemberStandingInput:
    """Input of setMemberStanding."""

    idempotency_key: str
    member_id: strawberry.ID
    tier: str | None = None
    segments: list[str] = strawberry.field(default_factory=list)


@strawberry.type
class SetMemberStandingPayload(Payload):
    """The standing, or why there is none."""

    standing: MemberStanding | None = None


@strawberry.type
class Mutation:
    """Setting standings."""

    @mutation(allow=OPERATOR)
    async def set_member_standing(
        self,
        info: Info,
        input: SetMemberStandingInput,  # noqa: A002
    ) -> SetMemberStandingPayload:
        """Say in which tier and segments a member is from now on."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await domain.set_standing(
                db,
                network_id=context.network_id,
                member_id=key_of(context, input.member_id, "Member", path=("memberId",)),
                tier=input.tier,
                segments=input.segments,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"standing": made.member_standing_id}

        done = await perform(info, mutation="setMemberStanding", input=input, work=work)
        standing: Any = await done.load(info, "MemberStanding", "standing")
        return SetMemberStandingPayload(
            standing=standing, problems=done.problems, replayed=done.replayed
        )
