"""Disputes of statement lines."""

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
from api.graphql.partners.acting import acting_partner
from api.graphql.partners.owners import owners_of
from api.graphql.partners.periods import newest_first
from api.graphql.permissions import (
    AUDITOR,
    CHECKER,
    FINANCE,
    OPERATOR,
    PARTNER,
    Payload,
    mutation,
    query,
)
from api.graphql.scalars import Money, MoneyInput, show_money
from payouts import disputes

strawberry.enum(disputes.DisputeState, description="How a dispute stands.")
_READERS = PARTNER | OPERATOR | FINANCE | AUDITOR
_Statement = Annotated[
    "Statement",  # type: ignore[name-defined] # noqa: F821
    strawberry.lazy("api.graphql.payouts.statements"),
]


@strawberry.federation.type(
    keys=["id"], description="What a partner contests of a line of its statement."
)
class Dispute(Node):
    """A dispute."""

    shown: strawberry.Private[disputes.Dispute]
    journal_id: strawberry.ID = strawberry.field(description="The journal of the line.")
    line: int
    amount: Money
    reason: str
    state: disputes.DisputeState
    opened_by: str
    opened_at: datetime
    accepted: Money | None = strawberry.field(
        description="What the partner need not bear; null until it is decided."
    )
    remark: str | None
    decided_at: datetime | None

    @strawberry.field(description="The statement, in the version that was disputed.")
    async def statement(self, info: Info) -> _Statement | None:
        """Find the statement."""
        return await load_one(info.context, "Statement", self.shown.statement_id)

    @classmethod
    def from_domain(cls, network_id: int, one: disputes.Dispute) -> "Dispute":
        """Show a dispute."""
        return cls(
            id=id_of("Dispute", network_id, one.dispute_id),
            shown=one,
            journal_id=id_of("Journal", network_id, one.journal_id),
            line=one.line,
            amount=show_money(one.amount),
            reason=one.reason,
            state=one.state,
            opened_by=one.opened_by,
            opened_at=one.opened_at,
            accepted=show_money(one.accepted) if one.accepted is not None else None,
            remark=one.remark,
            decided_at=one.decided_at,
        )


@node_kind("Dispute", allow=_READERS)
async def load_disputes(context: Context, keys: Sequence[UUID]) -> dict[UUID, Dispute]:
    """Find disputes of the caller's scope."""
    async with context.reading() as db:
        found = await disputes.read_disputes(db, network_id=context.network_id, dispute_ids=keys)
    return {key: Dispute.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type(description="Disputes, the newest first.")
class DisputeConnection(Connection[Dispute]):
    """A page of disputes."""


@strawberry.type
class Query:
    """Reads of disputes."""

    @query(allow=_READERS)
    async def disputes(
        self,
        info: Info,
        *,
        open: bool | None = None,  # noqa: A002
        partner_id: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> DisputeConnection:
        """Disputes that the caller may see, those that are open or not, the newest first."""
        context: Context = info.context
        owners = owners_of(context, partner_id, None)

        async def read(page: Page) -> list[disputes.Dispute]:
            place = newest_first(page)
            async with context.reading() as db:
                return await disputes.list_disputes(
                    db,
                    network_id=context.network_id,
                    partner_id=owners.partner_id,
                    is_open=open,
                    **place,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.opened_at.isoformat(), one.dispute_id.hex),
            show=lambda one: Dispute.from_domain(context.network_id, one),
        )
        return DisputeConnection(edges=edges, page_info=page_info)


@strawberry.input
class DisputeStatementLineInput:
    """Which line of which statement, how much of it, and why."""

    idempotency_key: str
    statement_id: strawberry.ID
    journal_id: strawberry.ID
    line: int
    amount: MoneyInput
    reason: str


@strawberry.input
class WithdrawDisputeInput:
    """Which dispute is taken back."""

    idempotency_key: str
    dispute_id: strawberry.ID


@strawberry.input
class DecideDisputeInput:
    """How much of it the partner need not bear, which may be nothing or all, and why."""

    idempotency_key: str
    dispute_id: strawberry.ID
    accepted: MoneyInput
    remark: str


@strawberry.type
class DisputePayload(Payload):
    """The dispute, or why nothing changed."""

    dispute: Dispute | None = None


async def _shown(info: Info, mutation_: str, given: Any, work: Any) -> DisputePayload:
    done = await perform(info, mutation=mutation_, input=given, work=work)
    dispute: Any = await done.load(info, "Dispute", "dispute")
    return DisputePayload(dispute=dispute, problems=done.problems, replayed=done.replayed)


@strawberry.type
class Mutation:
    """Disputing, withdrawing and deciding."""

    @mutation(allow=PARTNER)
    async def dispute_statement_line(
        self,
        info: Info,
        input: DisputeStatementLineInput,  # noqa: A002
    ) -> DisputePayload:
        """Contest an amount of a line under review; the rest of the statement is settled."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            opened = await disputes.open_dispute(
                db,
                network_id=context.network_id,
                partner_id=acting_partner(context, None),
                statement_id=key_of(
                    context, input.statement_id, "Statement", path=("statementId",)
                ),
                journal_id=key_of(context, input.journal_id, "Journal", path=("journalId",)),
                line=input.line,
                amount=input.amount.positive("amount"),
                reason=input.reason,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"dispute": opened.dispute_id}

        return await _shown(info, "disputeStatementLine", input, work)

    @mutation(allow=PARTNER)
    async def withdraw_dispute(
        self,
        info: Info,
        input: WithdrawDisputeInput,  # noqa: A002
    ) -> DisputePayload:
        """Take a dispute back; its amount is owed again."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            ended = await disputes.withdraw_dispute(
                db,
                network_id=context.network_id,
                dispute_id=key_of(context, input.dispute_id, "Dispute", path=("disputeId",)),
                partner_id=acting_partner(context, None),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"dispute": ended.dispute_id}

        return await _shown(info, "withdrawDispute", input, work)

    @mutation(allow=CHECKER)
    async def decide_dispute(
        self,
        info: Info,
        input: DecideDisputeInput,  # noqa: A002
    ) -> DisputePayload:
        """Decide how much of it the partner need not bear; the rest falls into today's cycle."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            decided = await disputes.decide_dispute(
                db,
                network_id=context.network_id,
                dispute_id=key_of(context, input.dispute_id, "Dispute", path=("disputeId",)),
                accepted=input.accepted.amount("accepted"),
                remark=input.remark,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"dispute": decided.dispute_id}

        return await _shown(info, "decideDispute", input, work)
