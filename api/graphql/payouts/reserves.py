"""Reserves: what is held back of what partners are paid, and by which policy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.agreements import Partner
from api.graphql.partners.owners import owners_of
from api.graphql.partners.periods import newest_first
from api.graphql.permissions import (
    AUDITOR,
    FINANCE,
    OPERATOR,
    PARTNER,
    STAFF,
    Payload,
    mutation,
    query,
)
from api.graphql.scalars import CurrencyCode, Money, show_money
from partners.agreements import get_partner
from payouts import reserves, settlement

_READERS = PARTNER | OPERATOR | FINANCE | AUDITOR
_Cycle = Annotated[
    "SettlementCycle",  # type: ignore[name-defined] # noqa: F821
    strawberry.lazy("api.graphql.payouts.settlement"),
]


@strawberry.federation.type(
    keys=["id"], description="Which share of what partners are paid is held back, and how long."
)
class ReservePolicy(Node):
    """A reserve policy."""

    shown: strawberry.Private[reserves.ReservePolicy]
    currency: CurrencyCode
    share_bps: int = strawberry.field(description="In basis points of what is paid; 0 is nothing.")
    hold_days: int
    published_by: str
    published_at: datetime

    @strawberry.field(description="Whom alone it is for; null when it is for all.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        if self.shown.partner_id is None:
            return None
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found


@node_kind("ReservePolicy", allow=STAFF)
async def load_policies(context: Context, keys: Sequence[UUID]) -> dict[UUID, ReservePolicy]:
    """Find reserve policies."""
    async with context.reading() as db:
        found = await reserves.read_reserve_policies(
            db, network_id=context.network_id, policy_ids=keys
        )
    return {
        key: ReservePolicy(
            id=id_of("ReservePolicy", context.network_id, key),
            shown=one,
            currency=CurrencyCode(one.currency),
            share_bps=one.share_bps,
            hold_days=one.hold_days,
            published_by=one.published_by,
            published_at=one.published_at,
        )
        for key, one in found.items()
    }


@strawberry.federation.type(
    keys=["id"], description="What was held back of one payment of a partner."
)
class Reserve(Node):
    """A reserve."""

    shown: strawberry.Private[reserves.Reserve]
    amount: Money
    withheld_at: datetime
    release_at: datetime = strawberry.field(
        description="Then it is owed to the partner again, and the next cycle pays it."
    )
    released_at: datetime | None

    @strawberry.field(description="Whose it is.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @strawberry.field(description="The cycle that paid the rest; for staff.")
    async def settlement_cycle(self, info: Info) -> _Cycle | None:
        """Find the cycle, which a partner's scope does not see."""
        return await load_one(info.context, "SettlementCycle", self.shown.cycle_id)

    @strawberry.field(description="The policy by which it was held back; for staff.")
    async def policy(self, info: Info) -> ReservePolicy | None:
        """Find the policy, which a partner's scope does not see."""
        found: ReservePolicy | None = await load_one(
            info.context, "ReservePolicy", self.shown.policy_id
        )
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: reserves.Reserve) -> "Reserve":
        """Show a reserve."""
        return cls(
            id=id_of("Reserve", network_id, one.reserve_id),
            shown=one,
            amount=show_money(one.amount),
            withheld_at=one.withheld_at,
            release_at=one.release_at,
            released_at=one.released_at,
        )


@node_kind("Reserve", allow=_READERS)
async def load_reserves(context: Context, keys: Sequence[UUID]) -> dict[UUID, Reserve]:
    """Find reserves of the caller's scope."""
    async with context.reading() as db:
        found = await reserves.read_reserves(db, network_id=context.network_id, reserve_ids=keys)
    return {key: Reserve.from_domain(context.network_id, one) for key, one in found.items()}


async def load_reserve_of(context: Context, statement_id: UUID) -> reserves.Reserve | None:
    """Find what was held back of a statement, together with those of others that are shown."""

    async def load(keys: list[UUID]) -> list[reserves.Reserve | None]:
        async with context.reading() as db:
            statements = await settlement.read_statements(
                db, network_id=context.network_id, statement_ids=keys
            )
            found = await reserves.find_reserves_of(
                db, network_id=context.network_id, statements=list(statements.values())
            )
        return [found.get(key) for key in keys]

    found: reserves.Reserve | None = await context.loader("Statement.reserve", load).load(
        statement_id
    )
    return found


async def load_released_in(context: Context, statement_id: UUID) -> Money:
    """Sum what came back among a statement's lines, together with others that are shown."""

    async def load(keys: list[UUID]) -> list[Any]:
        async with context.reading() as db:
            statements = await settlement.read_statements(
                db, network_id=context.network_id, statement_ids=keys
            )
            found = await reserves.sum_released(
                db, network_id=context.network_id, statements=list(statements.values())
            )
        return [found[key] for key in keys]

    return show_money(await context.loader("Statement.released", load).load(statement_id))


@strawberry.type(description="Reserves, the newest first.")
class ReserveConnection(Connection[Reserve]):
    """A page of reserves."""


@strawberry.type
class Query:
    """Reads of reserves."""

    @query(allow=_READERS)
    async def reserves(
        self,
        info: Info,
        *,
        released: bool | None = None,
        partner_id: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> ReserveConnection:
        """Reserves that the caller may see, those that were released or not, the newest first."""
        context: Context = info.context
        owners = owners_of(context, partner_id, None)

        async def read(page: Page) -> list[reserves.Reserve]:
            place = newest_first(page)
            async with context.reading() as db:
                return await reserves.list_reserves(
                    db,
                    network_id=context.network_id,
                    partner_id=owners.partner_id,
                    is_released=released,
                    **place,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.withheld_at.isoformat(), one.reserve_id.hex),
            show=lambda one: Reserve.from_domain(context.network_id, one),
        )
        return ReserveConnection(edges=edges, page_info=page_info)


@strawberry.input
class PublishReservePolicyInput:
    """For one partner when it is named, and else for all that have no policy of their own."""

    idempotency_key: str
    currency: CurrencyCode
    share_bps: int
    hold_days: int
    partner_id: strawberry.ID | None = None


@strawberry.type
class PublishReservePolicyPayload(Payload):
    """The reserve policy, or why there is none."""

    reserve_policy: ReservePolicy | None = None


@strawberry.type
class Mutation:
    """Publishing reserve policies."""

    @mutation(allow=OPERATOR)
    async def publish_reserve_policy(
        self,
        info: Info,
        input: PublishReservePolicyInput,  # noqa: A002
    ) -> PublishReservePolicyPayload:
        """Say how much of what is paid in a currency is held back from now on."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            partner_id = None
            if input.partner_id is not None:
                partner_id = key_of(context, input.partner_id, "Partner", path=("partnerId",))
                await get_partner(db, network_id=context.network_id, partner_id=partner_id)
            policy = await reserves.publish_reserve_policy(
                db,
                network_id=context.network_id,
                currency=input.currency,
                partner_id=partner_id,
                share_bps=input.share_bps,
                hold_days=input.hold_days,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"reserve_policy": policy.policy_id}

        done = await perform(info, mutation="publishReservePolicy", input=input, work=work)
        policy: Any = await done.load(info, "ReservePolicy", "reserve_policy")
        return PublishReservePolicyPayload(
            reserve_policy=policy, problems=done.problems, replayed=done.replayed
        )
