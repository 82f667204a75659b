"""Orders that suppliers took and that nobody had anything of, and how finance ends them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.catalog.redemptions import Redemption
from api.graphql.catalog.suppliers import Supplier
from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.periods import newest_first
from api.graphql.payouts.ledger import Journal
from api.graphql.permissions import CHECKER, MAKER, STAFF, Payload, mutation, query
from api.graphql.scalars import Money, MoneyInput, bounded, show_money
from catalog import redemptions as domain

KEY_LENGTH_MAX = 150
REFERENCE_LENGTH_MAX = 200
REMARK_LENGTH_MAX = 500

strawberry.enum(
    domain.MistakenOrderKind,
    description="LOST: the supplier took our order and does not tell it as ours, or for an hour"
    " nothing of it. SURPLUS: an order that came to light although it had been refused, or beside"
    " the one that was delivered.",
)
strawberry.enum(
    domain.MistakenOrderState,
    description="SETTLED: the supplier put it right by itself. CANCELLED and WRITTEN_OFF are what"
    " two persons agreed on; either may still turn into the other.",
)
strawberry.enum(
    domain.OrderOutcome,
    name="MistakenOrderOutcome",
    description="CANCELLED: the supplier charges nothing for it, or gave back what it had charged."
    " WRITTEN_OFF: it charges, and the network bears that.",
)


@strawberry.type(description="What one person proposed, and another agreed to or not yet.")
class MistakenOrderResolution:
    """A resolution."""

    of: strawberry.Private[domain.OrderResolution]
    number: int = strawberry.field(description="Counted from 1; the highest is the latest.")
    outcome: domain.OrderOutcome
    reference: str = strawberry.field(description="What the supplier calls the order.")
    charged: Money | None = strawberry.field(description="What the network bears.")
    remark: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    lapsed_at: datetime | None = strawberry.field(
        description="When the supplier put the order right before anybody had agreed."
    )

    @strawberry.field(description="What was booked; null when nothing was.")
    async def journal(self, info: Info) -> Journal | None:
        """Find the journal."""
        found: Journal | None = await load_one(info.context, "Journal", self.of.journal_id)
        return found

    @classmethod
    def from_domain(cls, one: domain.OrderResolution) -> Self:
        """Show a resolution."""
        return cls(
            of=one,
            number=one.number,
            outcome=one.outcome,
            reference=one.reference,
            charged=None if one.charged is None else show_money(one.charged),
            remark=one.remark,
            proposed_by=one.proposed_by,
            proposed_at=one.proposed_at,
            approved_by=one.approved_by,
            approved_at=one.approved_at,
            lapsed_at=one.lapsed_at,
        )


@strawberry.federation.type(
    keys=["id"], description="An order that a supplier took and that nobody had anything of."
)
class MistakenOrder(Node):
    """A mistaken order."""

    of: strawberry.Private[domain.MistakenOrder]
    kind: domain.MistakenOrderKind
    state: domain.MistakenOrderState
    supplier_key: str = strawberry.field(description="The key that we ordered under.")
    reference: str | None = strawberry.field(
        description="What the supplier calls the order; null until somebody knows."
    )
    expected_cost: Money | None = strawberry.field(description="What our order was to cost.")
    told: str | None = strawberry.field(description="What was written down of our order last.")
    reported_by: str | None = strawberry.field(
        description="Who found it at the supplier; null: it was noticed by itself."
    )
    noticed_at: datetime
    ended_at: datetime | None
    resolutions: list[MistakenOrderResolution] = strawberry.field(
        description="All that was proposed, in order."
    )

    @strawberry.field(description="Who took it.")
    async def supplier(self, info: Info) -> Supplier | None:
        """Find the supplier."""
        found: Supplier | None = await load_one(info.context, "Supplier", self.of.supplier_id)
        return found

    @strawberry.field(description="What it was ordered for.")
    async def redemption(self, info: Info) -> Redemption | None:
        """Find the redemption."""
        found: Redemption | None = await load_one(info.context, "Redemption", self.of.redemption_id)
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: domain.MistakenOrder) -> Self:
        """Show a mistaken order."""
        return cls(
            id=id_of("MistakenOrder", network_id, one.mistaken_order_id),
            of=one,
            kind=one.kind,
            state=one.state,
            supplier_key=one.supplier_key,
            reference=one.reference,
            expected_cost=None if one.expected_cost is None else show_money(one.expected_cost),
            told=one.told,
            reported_by=one.reported_by,
            noticed_at=one.noticed_at,
            ended_at=one.ended_at,
            resolutions=[MistakenOrderResolution.from_domain(it) for it in one.resolutions],
        )


@node_kind("MistakenOrder", allow=STAFF)
async def load_mistaken_orders(
    context: Context, keys: Sequence[UUID]
) -> Mapping[UUID, MistakenOrder]:
    """Find mistaken orders."""
    async with context.reading() as db:
        found = await domain.list_mistaken_orders(
            db, network_id=context.network_id, mistaken_order_ids=keys, limit=len(keys)
        )
    return {
        one.mistaken_order_id: MistakenOrder.from_domain(context.network_id, one) for one in found
    }


@strawberry.type(description="Mistaken orders, the one noticed last first.")
class MistakenOrderConnection(Connection[MistakenOrder]):
    """A page of mistaken orders."""


@strawberry.type
class Query:
    """Reads of mistaken orders."""

    @query(allow=STAFF)
    async def mistaken_orders(
        self,
        info: Info,
        *,
        open: bool | None = None,  # noqa: A002
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> MistakenOrderConnection:
        """Orders that nobody had anything of, those that wait for people or not, newest first."""
        context: Context = info.context

        async def read(page: Page) -> list[domain.MistakenOrder]:
            place = newest_first(page)
            async with context.reading() as db:
                return await domain.list_mistaken_orders(
                    db, network_id=context.network_id, is_open=open, **place
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.noticed_at.isoformat(), one.mistaken_order_id.hex),
            show=lambda one: MistakenOrder.from_domain(context.network_id, one),
        )
        return MistakenOrderConnection(edges=edges, page_info=page_info)


@strawberry.input(description="An order that stands on a supplier's invoice, and nowhere with us.")
class ReportMistakenOrderInput:
    """Input of reportMistakenOrder."""

    idempotency_key: str
    supplier_key: str = strawberry.field(description="The key of ours that it stands under.")
    reference: str = strawberry.field(description="What the supplier calls the order.")


@strawberry.input(description="What becomes of a mistaken order, and why you think so.")
class ResolveMistakenOrderInput:
    """Input of resolveMistakenOrder."""

    idempotency_key: str
    mistaken_order_id: strawberry.ID
    outcome: domain.OrderOutcome
    reference: str | None = strawberry.field(
        default=None, description="What the supplier calls the order, where that is not known yet."
    )
    charged: MoneyInput | None = strawberry.field(
        default=None, description="What the supplier charges, of one that is written off."
    )
    remark: str


@strawberry.input(description="The proposal that you agree to.")
class ApproveMistakenOrderInput:
    """Input of approveMistakenOrder."""

    idempotency_key: str
    mistaken_order_id: strawberry.ID
    number: int = strawberry.field(
        description="The number of the resolution; one proposed since takes its place."
    )


@strawberry.type
class MistakenOrderPayload(Payload):
    """The mistaken order, or why nothing changed."""

    mistaken_order: MistakenOrder | None = None


def _key(context: Context, text: str) -> UUID:
    return key_of(context, text, "MistakenOrder", path=("mistakenOrderId",))


async def _shown(info: Info, name: str, given: Any, work: Any) -> MistakenOrderPayload:
    done = await perform(info, mutation=name, input=given, work=work)
    found: Any = await done.load(info, "MistakenOrder", "mistaken_order")
    return MistakenOrderPayload(
        mistaken_order=found, problems=done.problems, replayed=done.replayed
    )


@strawberry.type
class Mutation:
    """Reporting mistaken orders, and ending them."""

    @mutation(allow=MAKER)
    async def report_mistaken_order(
        self,
        info: Info,
        input: ReportMistakenOrderInput,  # noqa: A002
    ) -> MistakenOrderPayload:
        """List an order that a supplier has although it refused, or delivered another. Books nothing."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await domain.report_mistaken_order(
                db,
                network_id=context.network_id,
                supplier_key=bounded(input.supplier_key, "supplierKey", longest=KEY_LENGTH_MAX),
                reference=bounded(input.reference, "reference", longest=REFERENCE_LENGTH_MAX),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"mistaken_order": made}

        return await _shown(info, "reportMistakenOrder", input, work)

    @mutation(allow=MAKER)
    async def resolve_mistaken_order(
        self,
        info: Info,
        input: ResolveMistakenOrderInput,  # noqa: A002
    ) -> MistakenOrderPayload:
        """Propose how a mistaken order ends; nothing is booked before somebody else approves."""
        context: Context = info.context
        reference, charged = input.reference, input.charged

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await domain.resolve_mistaken_order(
                db,
                network_id=context.network_id,
                mistaken_order_id=_key(context, input.mistaken_order_id),
                outcome=input.outcome,
                reference=None
                if reference is None
                else bounded(reference, "reference", longest=REFERENCE_LENGTH_MAX),
                charged=None if charged is None else charged.positive("charged"),
                remark=bounded(input.remark, "remark", longest=REMARK_LENGTH_MAX),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"mistaken_order": made.mistaken_order_id}

        return await _shown(info, "resolveMistakenOrder", input, work)

    @mutation(allow=CHECKER)
    async def approve_mistaken_order(
        self,
        info: Info,
        input: ApproveMistakenOrderInput,  # noqa: A002
    ) -> MistakenOrderPayload:
        """End a mistaken order as somebody else proposed. A lost one is ordered elsewhere, if at all."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            ended = await domain.approve_mistaken_order(
                db,
                network_id=context.network_id,
                mistaken_order_id=_key(context, input.mistaken_order_id),
                number=input.number,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"mistaken_order": ended.mistaken_order_id}

        return await _shown(info, "approveMistakenOrder", input, work)
