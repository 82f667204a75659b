"""Money that comes in: debits of partners that owe, and top-ups from the network's own bank."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, load_one, node_kind
from api.graphql.partners.agreements import Partner
from api.graphql.permissions import (
    AUDITOR,
    FINANCE,
    MAKER,
    OPERATOR,
    PARTNER,
    STAFF,
    Payload,
    mutation,
)
from api.graphql.scalars import Money, MoneyInput, show_money
from payouts import disbursement

strawberry.enum(disbursement.CollectionState, description="Where a collection stands.")
strawberry.enum(disbursement.TopUpState, description="Where a top-up stands.")


@strawberry.federation.type(keys=["id"], description="An order to debit a partner what it owes.")
class Collection(Node):
    """A collection."""

    shown: strawberry.Private[disbursement.Collection]
    amount: Money
    state: disbursement.CollectionState
    reason: str | None = strawberry.field(description="Why it is where it is.")
    created_at: datetime
    changed_at: datetime
    collected_at: datetime | None

    @strawberry.field(description="Who is debited.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: disbursement.Collection) -> "Collection":
        """Show a collection."""
        return cls(
            id=id_of("Collection", network_id, one.collection_id),
            shown=one,
            amount=show_money(one.amount),
            state=one.state,
            reason=one.reason,
            created_at=one.created_at,
            changed_at=one.changed_at,
            collected_at=one.collected_at,
        )


@node_kind("Collection", allow=PARTNER | OPERATOR | FINANCE | AUDITOR)
async def load_collections(context: Context, keys: Sequence[UUID]) -> dict[UUID, Collection]:
    """Find collections of the caller's scope."""
    async with context.reading() as db:
        found = await disbursement.read_collections(
            db, network_id=context.network_id, collection_ids=keys
        )
    return {key: Collection.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.federation.type(
    keys=["id"], description="Money drawn from the network's own bank to its balance at Stripe."
)
class TopUp(Node):
    """A top-up."""

    amount: Money
    state: disbursement.TopUpState
    reason: str | None = strawberry.field(description="Why it is where it is.")
    requested_by: str
    created_at: datetime
    changed_at: datetime

    @classmethod
    def from_domain(cls, network_id: int, one: disbursement.TopUp) -> "TopUp":
        """Show a top-up."""
        return cls(
            id=id_of("TopUp", network_id, one.topup_id),
            amount=show_money(one.amount),
            state=one.state,
            reason=one.reason,
            requested_by=one.requested_by,
            created_at=one.created_at,
            changed_at=one.changed_at,
        )


@node_kind("TopUp", allow=STAFF)
async def load_topups(context: Context, keys: Sequence[UUID]) -> dict[UUID, TopUp]:
    """Find top-ups."""
    async with context.reading() as db:
        found = await disbursement.read_topups(db, network_id=context.network_id, topup_ids=keys)
    return {key: TopUp.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.input
class TopUpStripeBalanceInput:
    """How much is to be drawn."""

    idempotency_key: str
    amount: MoneyInput


@strawberry.type
class TopUpStripeBalancePayload(Payload):
    """The top-up, or why there is none."""

    top_up: TopUp | None = None


@strawberry.type
class Mutation:
    """Topping up."""

    @mutation(allow=MAKER)
    async def top_up_stripe_balance(
        self,
        info: Info,
        input: TopUpStripeBalanceInput,  # noqa: A002
    ) -> TopUpStripeBalancePayload:
        """Order money from the network's own bank to its balance at Stripe, for payouts."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            topup = await disbursement.request_topup(
                db,
                network_id=context.network_id,
                amount=input.amount.positive("amount"),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"top_up": topup.topup_id}

        done = await perform(info, mutation="topUpStripeBalance", input=input, work=work)
        topup: Any = await done.load(info, "TopUp", "top_up")
        return TopUpStripeBalancePayload(
            top_up=topup, problems=done.problems, replayed=done.replayed
        )
