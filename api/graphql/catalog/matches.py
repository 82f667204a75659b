"""What suppliers sell alike, and who decides whether it is the same."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.catalog.rewards import Reward
from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.permissions import OPERATOR, STAFF, Payload, mutation, query
from catalog import rewards as domain

strawberry.enum(
    domain.MatchState,
    name="RewardMatchState",
    description="Whether two suppliers' items are the same product. DOUBTFUL waits for a person.",
)


@strawberry.federation.type(
    keys=["id"], description="Two suppliers' items that are, or may be, the same product."
)
class RewardMatch(Node):
    """A match."""

    of: strawberry.Private[domain.RewardMatch]
    state: domain.MatchState
    reasons: list[str] = strawberry.field(
        description="What is not quite alike: brand, title, account (one wants the member's),"
        " several, when more than one reward is equally so, or changed, when it was the same before"
        " one of them changed."
    )
    found_at: datetime
    decided_by: str | None = strawberry.field(description="Who decided; rule: certain by itself.")
    decided_at: datetime | None

    @strawberry.field(description="What was there first.")
    async def reward(self, info: Info) -> Reward | None:
        """Find the reward."""
        found: Reward | None = await load_one(info.context, "Reward", self.of.reward_id)
        return found

    @strawberry.field(description="What came later and is, or would be, sold as the other.")
    async def source(self, info: Info) -> Reward | None:
        """Find the source."""
        found: Reward | None = await load_one(info.context, "Reward", self.of.source_id)
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: domain.RewardMatch) -> Self:
        """Show a match."""
        return cls(
            id=id_of("RewardMatch", network_id, one.reward_match_id),
            of=one,
            state=one.state,
            reasons=list(one.reasons),
            found_at=one.found_at,
            decided_by=one.decided_by,
            decided_at=one.decided_at,
        )


@node_kind("RewardMatch", allow=STAFF)
async def load_matches(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, RewardMatch]:
    """Find matches."""
    async with context.reading() as db:
        found = await domain.read_matches(db, network_id=context.network_id, match_ids=keys)
    return {key: RewardMatch.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type
class Query:
    """Reading matches."""

    @query(allow=STAFF)
    async def reward_matches(
        self,
        info: Info,
        *,
        state: domain.MatchState = domain.MatchState.DOUBTFUL,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[RewardMatch]:
        """What two suppliers sell alike, in the order it was found: what waits for a decision."""
        context: Context = info.context

        async def read(page: Page) -> list[domain.RewardMatch]:
            place = None if page.key is None else UUID(hex=page.key[0])
            async with context.reading() as db:
                return await domain.list_matches(
                    db,
                    network_id=context.network_id,
                    state=state,
                    limit=page.rows_wanted,
                    after=place,
                    backward=page.is_backwards,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.reward_match_id.hex,),
            show=lambda one: RewardMatch.from_domain(context.network_id, one),
        )
        return Connection(edges=edges, page_info=page_info)


@strawberry.input
class ConfirmRewardMatchInput:
    """Which match."""

    idempotency_key: str
    match_id: strawberry.ID


@strawberry.input
class SeparateRewardMatchInput:
    """Which match."""

    idempotency_key: str
    match_id: strawberry.ID


@strawberry.type
class ConfirmRewardMatchPayload(Payload):
    """The match, or why it was not confirmed."""

    match: RewardMatch | None = None


@strawberry.type
class SeparateRewardMatchPayload(Payload):
    """The match, or why it was not separated."""

    match: RewardMatch | None = None


@strawberry.type
class Mutation:
    """Deciding about matches."""

    @mutation(allow=OPERATOR)
    async def confirm_reward_match(
        self,
        info: Info,
        input: ConfirmRewardMatchInput,  # noqa: A002
    ) -> ConfirmRewardMatchPayload:
        """Sell the later of two rewards as the earlier one; it is listed no more."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            key = key_of(context, input.match_id, "RewardMatch", path=("matchId",))
            await domain.confirm_match(
                db,
                network_id=context.network_id,
                match_id=key,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"match": key}

        done = await perform(info, mutation="confirmRewardMatch", input=input, work=work)
        match: Any = await done.load(info, "RewardMatch", "match")
        return ConfirmRewardMatchPayload(
            match=match, problems=done.problems, replayed=done.replayed
        )

    @mutation(allow=OPERATOR)
    async def separate_reward_match(
        self,
        info: Info,
        input: SeparateRewardMatchInput,  # noqa: A002
    ) -> SeparateRewardMatchPayload:
        """Keep two rewards apart, whatever is imported; sold as one, they are two again."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            key = key_of(context, input.match_id, "RewardMatch", path=("matchId",))
            await domain.separate_match(
                db,
                network_id=context.network_id,
                match_id=key,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"match": key}

        done = await perform(info, mutation="separateRewardMatch", input=input, work=work)
        match: Any = await done.load(info, "RewardMatch", "match")
        return SeparateRewardMatchPayload(
            match=match, problems=done.problems, replayed=done.replayed
        )
