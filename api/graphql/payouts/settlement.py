"""Settlement: cycles, statements and their lines."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.periods import Span, span_of
from api.graphql.payouts.approvals import CycleApproval, load_approvals_needed
from api.graphql.payouts.netting import CycleNetting, load_netting
from api.graphql.payouts.pages import highest_first, key_or_none, oldest_first
from api.graphql.payouts.progress import SettlementProgress, load_progress
from api.graphql.payouts.statement_lines import StatementTotal
from api.graphql.payouts.statements import Statement, statement_totals
from api.graphql.permissions import CHECKER, MAKER, STAFF, Payload, mutation, query
from api.graphql.scalars import CurrencyCode
from partners.networks import get_network
from payouts import disbursement, settlement


@strawberry.type(description="The statements of one settlement cycle, by number.")
class CycleStatementConnection(Connection[Statement]):
    """A page of a cycle's statements."""


@strawberry.federation.type(
    keys=["id"], description="A stretch of the ledger whose partner balances are settled together."
)
class SettlementCycle(Node):
    """A settlement cycle."""

    shown: strawberry.Private[settlement.SettlementCycle]
    number: int
    state: settlement.CycleState
    currency: CurrencyCode | None = strawberry.field(
        description="What it settles; a cycle of earlier releases settled all currencies."
    )
    version: int = strawberry.field(description="Counts how often its statements were issued.")
    cut_at: datetime = strawberry.field(
        description="The end of its window: it covers what took effect before."
    )
    from_seq: str = strawberry.field(description="It covers the sealed journals after this place.")
    to_seq: str = strawberry.field(
        description="It covers the sealed journals up to this place; later ones fall into the next."
    )
    before_at: datetime | None = strawberry.field(
        description="The cut of the cycle before; what that held is not settled again."
    )
    before_seq: str | None
    result_hash: str = strawberry.field(description="SHA-256 over the hashes of its statements.")
    closed_by: str
    closed_at: datetime
    review_ends_at: datetime = strawberry.field(description="Until then it cannot be approved.")
    value_on: date | None = strawberry.field(
        description="The working day on which its payments are worth having."
    )
    approvals: list[CycleApproval] = strawberry.field(
        description="Who approved it, the first first: one or two, none of whom closed it."
    )
    approved_by: str | None = strawberry.field(description="Who approved it last: it was booked.")
    approved_at: datetime | None
    settled_at: datetime | None

    @strawberry.field(
        description="How many have yet to approve it by the payout policy in force now, each another"
        " person; 0 when it is booked or abandoned."
    )
    async def approvals_needed(self, info: Info) -> int:
        """Count what is missing."""
        return await load_approvals_needed(info.context, self.shown.cycle_id)

    @strawberry.field(description="What netting saves; a cycle of earlier releases does not say.")
    async def netting(self, info: Info) -> CycleNetting | None:
        """Draw the report."""
        return await load_netting(info.context, self.shown.cycle_id)

    @strawberry.field(description="Its statements, by number.")
    async def statements(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> CycleStatementConnection:
        """Page through the statements."""
        context: Context = info.context

        async def read(page: Page) -> list[settlement.Statement]:
            place = oldest_first(page, places=1)
            async with context.reading() as db:
                return await settlement.page_cycle_statements(
                    db, network_id=context.network_id, cycle_id=self.shown.cycle_id, **place
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.number,),
            show=lambda one: Statement.from_domain(context.network_id, one),
        )
        return CycleStatementConnection(edges=edges, page_info=page_info)

    @strawberry.field(description="How far closing, paying and collecting have come.")
    async def progress(self, info: Info) -> SettlementProgress:
        """Count it together with that of the page's other cycles."""
        return await load_progress(info.context, self.shown.cycle_id)

    @classmethod
    def from_domain(cls, network_id: int, one: settlement.SettlementCycle) -> "SettlementCycle":
        """Show a settlement cycle."""
        return cls(
            id=id_of("SettlementCycle", network_id, one.cycle_id),
            shown=one,
            number=one.number,
            state=one.state,
            currency=CurrencyCode(one.currency) if one.currency else None,
            version=one.version,
            cut_at=one.ended_at,
            from_seq=str(one.from_seq),
            to_seq=str(one.cut.seq),
            before_at=one.before.at if one.before else None,
            before_seq=str(one.before.seq) if one.before else None,
            result_hash=one.result_hash,
            closed_by=one.closed_by,
            closed_at=one.closed_at,
            review_ends_at=one.review_ends_at,
            value_on=one.value_on,
            approvals=[CycleApproval.from_domain(given) for given in one.approvals],
            approved_by=one.approved_by,
            approved_at=one.approved_at,
            settled_at=one.settled_at,
        )


@node_kind("SettlementCycle", allow=STAFF)
async def load_cycles(context: Context, keys: Sequence[UUID]) -> dict[UUID, SettlementCycle]:
    """Find settlement cycles."""
    async with context.reading() as db:
        found = await settlement.read_settlement_cycles(
            db, network_id=context.network_id, cycle_ids=keys
        )
    return {key: SettlementCycle.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type(description="Settlement cycles closed in a period, the newest first.")
class SettlementCycleConnection(Connection[SettlementCycle]):
    """A page of settlement cycles."""

    span: strawberry.Private[Span]
    since: datetime
    until: datetime

    @strawberry.field(description="What all statements of the period come to, by currency.")
    async def totals(self, info: Info) -> list[StatementTotal]:
        """Sum the period."""
        return await statement_totals(info.context, self.span, None)


@strawberry.type
class Query:
    """Reads of settlement cycles."""

    @query(allow=STAFF)
    async def settlement_cycles(
        self,
        info: Info,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> SettlementCycleConnection:
        """Settlement cycles closed in a period (31 days to now, if not given), newest first."""
        context: Context = info.context
        span = span_of(context, since, until)

        async def read(page: Page) -> list[settlement.SettlementCycle]:
            place = highest_first(page)
            async with context.reading() as db:
                return await settlement.list_settlement_cycles(
                    db,
                    network_id=context.network_id,
                    since=span.since,
                    until=span.until,
                    **place,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.number,),
            show=lambda one: SettlementCycle.from_domain(context.network_id, one),
        )
        return SettlementCycleConnection(
            edges=edges, page_info=page_info, span=span, since=span.since, until=span.until
        )

    @query(allow=STAFF)
    async def settlement_cycle(
        self,
        info: Info,
        id: strawberry.ID,  # noqa: A002
    ) -> SettlementCycle | None:
        """A settlement cycle; null when there is none."""
        context: Context = info.context
        key = key_or_none(context, id, "SettlementCycle")
        found: SettlementCycle | None = await load_one(context, "SettlementCycle", key)
        return found


@strawberry.input
class CloseSettlementCycleInput:
    """The network's own currency unless another is named; the next window, if there is a calendar.

    `endsAt` says which window is meant, or where to cut when there is no calendar; `reviewDays`,
    for how long it may be disputed.
    """

    idempotency_key: str
    currency: CurrencyCode | None = None
    ends_at: datetime | None = None
    review_days: int | None = None


@strawberry.input
class ApproveSettlementCycleInput:
    """Which cycle is approved, and by its hash, what the approver has seen of it."""

    idempotency_key: str
    settlement_cycle_id: strawberry.ID
    result_hash: str | None = None


@strawberry.input
class ReissueSettlementCycleInput:
    """Which cycle's statements are issued anew."""

    idempotency_key: str
    settlement_cycle_id: strawberry.ID


@strawberry.input
class AbandonSettlementCycleInput:
    """Which cycle is given up."""

    idempotency_key: str
    settlement_cycle_id: strawberry.ID


@strawberry.type
class SettlementCyclePayload(Payload):
    """The settlement cycle, or why nothing changed."""

    settlement_cycle: SettlementCycle | None = None


def _changing(info: Info, change: Any, cycle_id: strawberry.ID) -> Any:
    context: Context = info.context

    async def work(db: AsyncConnection) -> dict[str, UUID]:
        key = key_of(context, cycle_id, "SettlementCycle", path=("settlementCycleId",))
        cycle = await change(db, network_id=context.network_id, cycle_id=key, now=context.now)
        return {"settlement_cycle": cycle.cycle_id}

    return work


async def _shown(info: Info, mutation_: str, given: Any, work: Any) -> SettlementCyclePayload:
    done = await perform(info, mutation=mutation_, input=given, work=work)
    cycle: Any = await done.load(info, "SettlementCycle", "settlement_cycle")
    return SettlementCyclePayload(
        settlement_cycle=cycle, problems=done.problems, replayed=done.replayed
    )


@strawberry.type
class Mutation:
    """Closing, issuing anew, abandoning and approving cycles."""

    @mutation(allow=MAKER)
    async def close_settlement_cycle(
        self,
        info: Info,
        input: CloseSettlementCycleInput,  # noqa: A002
    ) -> SettlementCyclePayload:
        """Fix what partners owe and are owed at the end of a window and issue statements."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            own = await get_network(db, network_id=context.network_id)
            cycle = await settlement.close_settlement_cycle(
                db,
                network_id=context.network_id,
                currency=input.currency or own.currency,
                ends_at=input.ends_at,
                review_days=input.review_days,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"settlement_cycle": cycle.cycle_id}

        return await _shown(info, "closeSettlementCycle", input, work)

    @mutation(allow=CHECKER)
    async def approve_settlement_cycle(
        self,
        info: Info,
        input: ApproveSettlementCycleInput,  # noqa: A002
    ) -> SettlementCyclePayload:
        """Approve a cycle; the last of its approvers books it and orders what it comes to."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            cycle = await disbursement.approve_settlement_cycle(
                db,
                network_id=context.network_id,
                cycle_id=key_of(
                    context,
                    input.settlement_cycle_id,
                    "SettlementCycle",
                    path=("settlementCycleId",),
                ),
                actor=context.known_caller.identity,
                now=context.now,
                result_hash=input.result_hash,
            )
            return {"settlement_cycle": cycle.cycle_id}

        return await _shown(info, "approveSettlementCycle", input, work)

    @mutation(allow=MAKER)
    async def reissue_settlement_cycle(
        self,
        info: Info,
        input: ReissueSettlementCycleInput,  # noqa: A002
    ) -> SettlementCyclePayload:
        """Cut a cycle in review again with what was sealed since; later versions replace others."""
        work = _changing(info, settlement.reissue_settlement_cycle, input.settlement_cycle_id)
        return await _shown(info, "reissueSettlementCycle", input, work)

    @mutation(allow=MAKER)
    async def abandon_settlement_cycle(
        self,
        info: Info,
        input: AbandonSettlementCycleInput,  # noqa: A002
    ) -> SettlementCyclePayload:
        """Give a cycle in review up: its statements are void, the next cycle settles all of it."""
        work = _changing(info, settlement.abandon_settlement_cycle, input.settlement_cycle_id)
        return await _shown(info, "abandonSettlementCycle", input, work)
