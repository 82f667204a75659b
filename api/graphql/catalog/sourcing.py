"""Why an order went to which supplier, and what a failover may cost."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.auth.caller import CallerKind
from api.graphql.catalog.suppliers import Supplier
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, load_one, node_kind
from api.graphql.permissions import OPERATOR, STAFF, Payload, mutation, query
from api.graphql.scalars import Money, show_money
from catalog import redemptions as domain

strawberry.enum(
    domain.Exclusion,
    name="SourceExclusion",
    description="Why a supplier's item was passed over. UNHEALTHY: the supplier failed too often of"
    " late. BEING_TRIED: after such a time one order is finding out. TOO_EXPENSIVE: it costs more"
    " than the member's price covers. WITHDRAWN: it is not sold, or not as this reward, any more.",
)
strawberry.enum(
    domain.AttemptState,
    name="SupplierOrderState",
    description="What is known of an order at a supplier. UNKNOWN: it may have been taken, and is"
    " being looked up. NOT_TAKEN: the supplier was busy.",
)


async def _supplier(info: Info, key: UUID) -> Supplier | None:
    found: Supplier | None = await load_one(info.context, "Supplier", key)
    return found


@strawberry.type(description="A supplier's item that an order could have gone to.")
class ConsideredSource:
    """A source as it was when the price was quoted."""

    of: strawberry.Private[domain.QuoteSource]
    supplier_sku: str
    cost: Money | None = strawberry.field(description="What the supplier was to charge.")
    cost_in_wallet: Money | None = strawberry.field(
        description="The same in the member's currency; by this sources are compared."
    )
    health: int = strawberry.field(description="The supplier's score then, 0 to 100.")
    excluded_because: domain.Exclusion | None

    @strawberry.field(description="Whose item it is.")
    async def supplier(self, info: Info) -> Supplier | None:
        """Find the supplier."""
        return await _supplier(info, self.of.supplier_id)

    @classmethod
    def from_domain(cls, one: domain.QuoteSource) -> Self:
        """Show a source."""
        return cls(
            of=one,
            supplier_sku=one.supplier_sku,
            cost=None if one.cost is None else show_money(one.cost),
            cost_in_wallet=None if one.cost_in_wallet is None else show_money(one.cost_in_wallet),
            health=one.score,
            excluded_because=one.excluded_because,
        )


@strawberry.type(description="A supplier that an order did not go to, though it came first.")
class PassedOver:
    """A source that was passed over when an order was sent."""

    of: strawberry.Private[domain.PassedOver]
    because: domain.Exclusion

    @strawberry.field(description="Whose item it is.")
    async def supplier(self, info: Info) -> Supplier | None:
        """Find the supplier."""
        return await _supplier(info, self.of.supplier_id)


@strawberry.type(description="An order at a supplier; there is one at a time.")
class SourcingAttempt:
    """A try."""

    of: strawberry.Private[domain.Attempt]
    state: domain.AttemptState
    code: str | None = strawberry.field(description="Why the supplier refused.")
    cost: Money | None = strawberry.field(
        description="What it was expected to charge when it was chosen."
    )
    at: datetime
    ended_at: datetime | None
    passed_over: list[PassedOver]

    @strawberry.field(description="Who was asked.")
    async def supplier(self, info: Info) -> Supplier | None:
        """Find the supplier."""
        return await _supplier(info, self.of.supplier_id)

    @classmethod
    def from_domain(cls, one: domain.Attempt) -> Self:
        """Show a try."""
        return cls(
            of=one,
            state=one.state,
            code=one.failure_code,
            cost=None if one.cost is None else show_money(one.cost),
            at=one.claimed_at,
            ended_at=one.ended_at,
            passed_over=[PassedOver(of=it, because=it.because) for it in one.passed_over],
        )


@strawberry.type(description="Why an order went where it went, as it was decided at the time.")
class Sourcing:
    """What was chosen, from what, and what became of it."""

    chosen: ConsideredSource = strawberry.field(description="What the price was quoted for.")
    considered: list[ConsideredSource] = strawberry.field(
        description="All that were weighed for the price, the chosen one first, in the order in"
        " which they would be bought."
    )
    attempts: list[SourcingAttempt] = strawberry.field(description="What was ordered, in order.")


async def sourcing_of(info: Info, one: domain.Redemption) -> Sourcing | None:
    """Tell of a supplier's card why it was bought where; None for members, and for all else."""
    context: Context = info.context
    is_member = context.known_caller.kind is CallerKind.MEMBER
    if is_member or one.kind is not domain.RedemptionKind.SUPPLIER_CARD:
        return None

    async def load(keys: list[Any]) -> list[Sourcing]:
        async with context.reading() as db:
            found = await domain.read_redemptions(
                db, network_id=context.network_id, redemption_ids=keys
            )
            quotes = await domain.read_quotes(
                db,
                network_id=context.network_id,
                quote_ids=[each.quote_id for each in found.values()],
            )
            sources = await domain.list_quote_sources(
                db, network_id=context.network_id, quotes=quotes.values()
            )
            attempts = await domain.list_attempts(
                db, network_id=context.network_id, redemption_ids=keys
            )
        return [_sourcing(sources[found[key].quote_id], attempts.get(key, [])) for key in keys]

    shown: Sourcing = await context.loader("Redemption.sourcing", load).load(one.redemption_id)
    return shown


def _sourcing(
    sources: Sequence[domain.QuoteSource], attempts: Sequence[domain.Attempt]
) -> Sourcing:
    considered = [ConsideredSource.from_domain(each) for each in sources]
    return Sourcing(
        chosen=considered[0],
        considered=considered,
        attempts=[SourcingAttempt.from_domain(each) for each in attempts],
    )


@strawberry.federation.type(
    keys=["id"], description="What an order may cost beyond the price when a supplier failed."
)
class SourcingPolicy(Node):
    """A sourcing policy."""

    loss_max_bps: int = strawberry.field(
        description="In basis points of what the member pays; 0: nothing."
    )
    published_by: str
    published_at: datetime

    @classmethod
    def from_domain(cls, network_id: int, one: domain.SourcingPolicy) -> Self:
        """Show a policy."""
        return cls(
            id=id_of("SourcingPolicy", network_id, one.policy_id),
            loss_max_bps=one.loss_max_bps,
            published_by=one.published_by,
            published_at=one.published_at,
        )


@node_kind("SourcingPolicy", allow=STAFF)
async def load_policies(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, SourcingPolicy]:
    """Find sourcing policies."""
    async with context.reading() as db:
        found = await domain.read_sourcing_policies(
            db, network_id=context.network_id, policy_ids=keys
        )
    return {key: SourcingPolicy.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type
class Query:
    """Reads of sourcing policies."""

    @query(allow=STAFF)
    async def sourcing_policy(self, info: Info) -> SourcingPolicy | None:
        """The sourcing policy in force; null: a failover costs no more than the member pays."""
        context: Context = info.context
        async with context.reading() as db:
            found = await domain.find_sourcing_policy(db, network_id=context.network_id)
        return None if found is None else SourcingPolicy.from_domain(context.network_id, found)


@strawberry.input
class PublishSourcingPolicyInput:
    """What a failover may cost."""

    idempotency_key: str
    loss_max_bps: int = strawberry.field(
        description="What it may cost beyond what the member pays, in basis points of that;"
        " 0 to 10,000."
    )


@strawberry.type
class PublishSourcingPolicyPayload(Payload):
    """The sourcing policy, or why there is none."""

    sourcing_policy: SourcingPolicy | None = None


@strawberry.type
class Mutation:
    """Setting up what failovers may cost."""

    @mutation(allow=OPERATOR)
    async def publish_sourcing_policy(
        self,
        info: Info,
        input: PublishSourcingPolicyInput,  # noqa: A002
    ) -> PublishSourcingPolicyPayload:
        """Say what failovers may cost from now on, of orders that were placed before too."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            policy = await domain.publish_sourcing_policy(
                db,
                network_id=context.network_id,
                loss_max_bps=input.loss_max_bps,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"sourcing_policy": policy.policy_id}

        done = await perform(info, mutation="publishSourcingPolicy", input=input, work=work)
        policy: Any = await done.load(info, "SourcingPolicy", "sourcing_policy")
        return PublishSourcingPolicyPayload(
            sourcing_policy=policy, problems=done.problems, replayed=done.replayed
        )
