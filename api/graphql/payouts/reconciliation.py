"""Reconciliation: what the provider and the bank say, against the books."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.auth.caller import Role
from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.periods import Span, newest_first, span_of
from api.graphql.payouts.ledger import AccountingPeriod, Journal, key_of_month
from api.graphql.permissions import CHECKER, FINANCE, MAKER, STAFF, Payload, mutation, query
from api.graphql.problems import InvalidInput
from api.graphql.scalars import Money, bounded, show_money
from payouts import reconciliation

REMARK_LENGTH_MAX = 1_000
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)

ReconciliationState = strawberry.enum(
    reconciliation.ItemState,
    name="ReconciliationState",
    description="Where an outside line stands. MATCHED and RESOLVED are final.",
)
Resolution = strawberry.enum(
    reconciliation.Resolution,
    name="Resolution",
    description="What an unexplained line was.",
)


@strawberry.federation.type(keys=["id"], description="One line of the provider or of the bank.")
class ReconciliationItem(Node):
    """An outside line and its link to the books."""

    journal_key: strawberry.Private[UUID | None]
    leg: str = strawberry.field(description="provider, bank, or statement for a missing one.")
    state: reconciliation.ItemState
    reason: str | None = strawberry.field(description="Why it did not match by itself.")
    reference: str = strawberry.field(description="What the other side calls it.")
    amount: Money = strawberry.field(description="Money in is positive.")
    open_amount: Money = strawberry.field(description="What no account explains.")
    occurred_at: datetime
    noticed_at: datetime
    resolution: reconciliation.Resolution | None
    remark: str | None
    proposed_by: str | None
    approved_by: str | None
    resolved_at: datetime | None

    @strawberry.field(description="What was booked for it last.")
    async def journal(self, info: Info) -> Journal | None:
        """Find the journal."""
        found: Journal | None = await load_one(info.context, "Journal", self.journal_key)
        return found

    @classmethod
    def from_domain(
        cls, network_id: int, one: reconciliation.ReconciliationItem
    ) -> "ReconciliationItem":
        """Show an item."""
        return cls(
            id=id_of("ReconciliationItem", network_id, one.item_id),
            journal_key=one.journal_id,
            leg=one.leg,
            state=one.state,
            reason=one.reason,
            reference=one.reference,
            amount=show_money(one.amount),
            open_amount=show_money(one.open_amount),
            occurred_at=one.occurred_at,
            noticed_at=one.noticed_at,
            resolution=one.resolution,
            remark=one.remark,
            proposed_by=one.proposed_by,
            approved_by=one.approved_by,
            resolved_at=one.resolved_at,
        )


@node_kind("ReconciliationItem", allow=STAFF)
async def load_items(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, ReconciliationItem]:
    """Find items by id."""
    async with context.reading() as db:
        found = await reconciliation.read_items(db, network_id=context.network_id, item_ids=keys)
    return {
        key: ReconciliationItem.from_domain(context.network_id, one) for key, one in found.items()
    }


@strawberry.type(description="The outside lines of a period in one currency.")
class ReconciliationTotal:
    """A total."""

    count: int
    amount: Money
    open_amount: Money = strawberry.field(description="What no account explains yet.")


@strawberry.type(description="Outside lines of a period, the newest first.")
class ReconciliationItemConnection(Connection[ReconciliationItem]):
    """A page of items."""

    span: strawberry.Private[Span]
    states: strawberry.Private[list[str]]
    since: datetime
    until: datetime

    @strawberry.field(description="Totals of the whole period, by currency.")
    async def totals(self, info: Info) -> list[ReconciliationTotal]:
        """Sum the period."""
        context: Context = info.context
        async with context.reading() as db:
            sums = await reconciliation.total_items(
                db,
                network_id=context.network_id,
                since=self.span.since,
                until=self.span.until,
                states=self.states,
            )
        return [
            ReconciliationTotal(
                count=count, amount=show_money(amount), open_amount=show_money(open_amount)
            )
            for count, amount, open_amount in sums
        ]


@strawberry.type
class Query:
    """Reads of reconciliation."""

    @query(allow=STAFF)
    async def reconciliation_items(
        self,
        info: Info,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        states: list[reconciliation.ItemState] | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> ReconciliationItemConnection:
        """Outside lines of a period (31 days to now, if not given), the newest first."""
        context: Context = info.context
        span = span_of(context, since, until)
        wanted = [one.value for one in states or ()]

        async def read(page: Page) -> list[reconciliation.ReconciliationItem]:
            async with context.reading() as db:
                return await reconciliation.list_items(
                    db,
                    network_id=context.network_id,
                    since=span.since,
                    until=span.until,
                    states=wanted,
                    **newest_first(page),
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.occurred_at.isoformat(), one.item_id.hex),
            show=lambda one: ReconciliationItem.from_domain(context.network_id, one),
        )
        return ReconciliationItemConnection(
            edges=edges,
            page_info=page_info,
            span=span,
            states=wanted,
            since=span.since,
            until=span.until,
        )


@strawberry.input(description="What an open line was, and why you think so.")
class ResolveReconciliationItemInput:
    """Input of resolveReconciliationItem."""

    idempotency_key: str
    item_id: strawberry.ID
    resolution: reconciliation.Resolution
    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose receivable it is, for PARTNER_RECEIVABLE."
    )
    supplier_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who was paid, for SUPPLIER_PAYMENT."
    )
    remark: str


@strawberry.input
class ApproveReconciliationItemInput:
    """Input of approveReconciliationItem."""

    idempotency_key: str
    item_id: strawberry.ID


@strawberry.type
class ReconciliationItemPayload(Payload):
    """The item."""

    reconciliation_item: ReconciliationItem | None = None


@strawberry.input(description="The month, such as 2026-03.")
class ClosePeriodInput:
    """Input of closePeriod."""

    idempotency_key: str
    period: str


@strawberry.type
class ClosePeriodPayload(Payload):
    """The month."""

    period: AccountingPeriod | None = None


@strawberry.type
class Mutation:
    """Reconciling and closing."""

    @mutation(allow=MAKER)
    async def resolve_reconciliation_item(
        self,
        info: Info,
        input: ResolveReconciliationItemInput,  # noqa: A002
    ) -> ReconciliationItemPayload:
        """Propose what an open line was; nothing is booked before somebody else approves."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await reconciliation.resolve_reconciliation_item(
                db,
                network_id=context.network_id,
                item_id=key_of(context, input.item_id, "ReconciliationItem", path=("itemId",)),
                resolution=input.resolution,
                owner_id=_owner_of(context, input),
                remark=bounded(input.remark, "remark", longest=REMARK_LENGTH_MAX),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"item": made.item_id}

        done = await perform(info, mutation="resolveReconciliationItem", input=input, work=work)
        return ReconciliationItemPayload(
            reconciliation_item=await done.load(info, "ReconciliationItem", "item"),
            problems=done.problems,
            replayed=done.replayed,
        )

    @mutation(allow=CHECKER)
    async def approve_reconciliation_item(
        self,
        info: Info,
        input: ApproveReconciliationItemInput,  # noqa: A002
    ) -> ReconciliationItemPayload:
        """Book what somebody else proposed an open line to be."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await reconciliation.approve_reconciliation_item(
                db,
                network_id=context.network_id,
                item_id=key_of(context, input.item_id, "ReconciliationItem", path=("itemId",)),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"item": made.item_id}

        done = await perform(info, mutation="approveReconciliationItem", input=input, work=work)
        return ReconciliationItemPayload(
            reconciliation_item=await done.load(info, "ReconciliationItem", "item"),
            problems=done.problems,
            replayed=done.replayed,
        )

    @mutation(allow=FINANCE)
    async def close_period(
        self,
        info: Info,
        input: ClosePeriodInput,  # noqa: A002
    ) -> ClosePeriodPayload:
        """Close a month that is over: a maker proposes it, a checker closes it for good."""
        context: Context = info.context
        is_checker = Role.FINANCE_CHECKER in context.known_caller.roles

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            month = _month_of(input.period)
            await reconciliation.close_period(
                db,
                network_id=context.network_id,
                month=month,
                step="closed" if is_checker else "soft",
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"period": key_of_month(month)}

        done = await perform(info, mutation="closePeriod", input=input, work=work)
        return ClosePeriodPayload(
            period=await done.load(info, "AccountingPeriod", "period"),
            problems=done.problems,
            replayed=done.replayed,
        )


def _owner_of(context: Context, given: ResolveReconciliationItemInput) -> UUID | None:
    if given.partner_id is not None and given.supplier_id is not None:
        raise InvalidInput(reason="Name a partner or a supplier, not both.", path=("partnerId",))
    if given.partner_id is not None:
        return key_of(context, given.partner_id, "Partner", path=("partnerId",))
    if given.supplier_id is not None:
        return key_of(context, given.supplier_id, "Supplier", path=("supplierId",))
    return None


def _month_of(text: str) -> date:
    if not _MONTH.fullmatch(text) or text.startswith("0000"):
        raise InvalidInput(reason="A month, such as 2026-03.", path=("period",))
    return date.fromisoformat(f"{text}-01")
