"""Settlement: cycles, statements and their lines."""

from collections.abc import Sequence
from datetime import datetime
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
from api.graphql.payouts.pages import highest_first, key_or_none, oldest_first
from api.graphql.payouts.statements import Statement, StatementTotal, statement_totals
from api.graphql.permissions import CHECKER, MAKER, OPERATOR, STAFF, Payload, mutation, query
from api.graphql.scalars import CurrencyCode, Money, MoneyInput, show_money
from payouts import disbursement, settlement

strawberry.enum(
    settlement.CycleState,
    name="SettlementCycleState",
    description="Where a settlement cycle stands.",
)


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
    from_seq: str = strawberry.field(description="It covers the sealed journals after this place.")
    to_seq: str = strawberry.field(description="It covers the sealed journals up to this place.")
    result_hash: str = strawberry.field(description="SHA-256 over the hashes of its statements.")
    closed_by: str
    closed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    settled_at: datetime | None

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

    @classmethod
    def from_domain(cls, network_id: int, one: settlement.SettlementCycle) -> "SettlementCycle":
        """Show a settlement cycle."""
        return cls(
            id=id_of("SettlementCycle", network_id, one.cycle_id),
            shown=one,
            number=one.number,
            state=one.state,
            from_seq=str(one.from_seq),
            to_seq=str(one.to_seq),
            result_hash=one.result_hash,
            closed_by=one.closed_by,
            closed_at=one.closed_at,
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


@strawberry.federation.type(
    keys=["id"], description="What is worth paying, and from when a second person must agree."
)
class PayoutPolicy(Node):
    """A payout policy."""

    currency: CurrencyCode
    approval_above: Money
    minimum: Money
    first_payout_cap: Money = strawberry.field(
        description="The most that goes first to a new destination before a checker releases it."
    )
    published_by: str
    published_at: datetime


@node_kind("PayoutPolicy", allow=STAFF)
async def load_policies(context: Context, keys: Sequence[UUID]) -> dict[UUID, PayoutPolicy]:
    """Find payout policies."""
    async with context.reading() as db:
        found = await settlement.get_payout_policies(
            db, network_id=context.network_id, policy_ids=keys
        )
    return {
        key: PayoutPolicy(
            id=id_of("PayoutPolicy", context.network_id, key),
            currency=CurrencyCode(one.currency),
            approval_above=show_money(one.approval_above),
            minimum=show_money(one.minimum),
            first_payout_cap=show_money(one.first_payout_max),
            published_by=one.published_by,
            published_at=one.published_at,
        )
        for key, one in found.items()
    }


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
    """A close covers everything since the last one, so there is nothing to choose."""

    idempotency_key: str


@strawberry.input
class ApproveSettlementCycleInput:
    """Which cycle is approved."""

    idempotency_key: str
    settlement_cycle_id: strawberry.ID


@strawberry.type
class SettlementCyclePayload(Payload):
    """The settlement cycle, or why nothing changed."""

    settlement_cycle: SettlementCycle | None = None


@strawberry.input
class PublishPayoutPolicyInput:
    """Both amounts are of the currency that the policy is for."""

    idempotency_key: str
    approval_above: MoneyInput
    minimum: MoneyInput
    first_payout_cap: MoneyInput | None = strawberry.field(
        default=None,
        description="The most that goes first to a new destination before a checker releases it;"
        " the approval limit, if not given.",
    )


@strawberry.type
class PublishPayoutPolicyPayload(Payload):
    """The payout policy, or why there is none."""

    payout_policy: PayoutPolicy | None = None


async def _shown(info: Info, mutation_: str, given: Any, work: Any) -> SettlementCyclePayload:
    done = await perform(info, mutation=mutation_, input=given, work=work)
    cycle: Any = await done.load(info, "SettlementCycle", "settlement_cycle")
    return SettlementCyclePayload(
        settlement_cycle=cycle, problems=done.problems, replayed=done.replayed
    )


@strawberry.type
class Mutation:
    """Closing and approving cycles, and the policy they follow."""

    @mutation(allow=MAKER)
    async def close_settlement_cycle(
        self,
        info: Info,
        input: CloseSettlementCycleInput,  # noqa: A002
    ) -> SettlementCyclePayload:
        """Fix everything that moved between partners since the last cycle and issue statements."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            cycle = await settlement.close_settlement_cycle(
                db,
                network_id=context.network_id,
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
        """Book a cycle in review and order its payouts and collections."""
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
            )
            return {"settlement_cycle": cycle.cycle_id}

        return await _shown(info, "approveSettlementCycle", input, work)

    @mutation(allow=OPERATOR)
    async def publish_payout_policy(
        self,
        info: Info,
        input: PublishPayoutPolicyInput,  # noqa: A002
    ) -> PublishPayoutPolicyPayload:
        """Put a payout policy of one currency into force from now on."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            policy = await settlement.publish_payout_policy(
                db,
                network_id=context.network_id,
                approval_above=input.approval_above.amount("approvalAbove"),
                minimum=input.minimum.positive("minimum"),
                first_payout_cap=(
                    input.first_payout_cap.amount("firstPayoutCap")
                    if input.first_payout_cap
                    else None
                ),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"payout_policy": policy.policy_id}

        done = await perform(info, mutation="publishPayoutPolicy", input=input, work=work)
        policy: Any = await done.load(info, "PayoutPolicy", "payout_policy")
        return PublishPayoutPolicyPayload(
            payout_policy=policy, problems=done.problems, replayed=done.replayed
        )
