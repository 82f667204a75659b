"""Adjustment statements: what corrects a final statement, as a document of its own."""

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
from api.graphql.payouts.pages import is_staff, oldest_first
from api.graphql.payouts.statement_documents import StatementDocument, list_documents
from api.graphql.payouts.statement_lines import StatementSide, StatementTotal
from api.graphql.permissions import AUDITOR, FINANCE, OPERATOR, PARTNER, Payload, mutation
from api.graphql.scalars import CurrencyCode, Money, show_money
from payouts import settlement

strawberry.enum(settlement.AdjustmentReason, description="Why a posting corrects a statement.")
_READERS = PARTNER | OPERATOR | FINANCE | AUDITOR
_Statement = Annotated[
    "Statement",  # type: ignore[name-defined] # noqa: F821
    strawberry.lazy("api.graphql.payouts.statements"),
]


@strawberry.type(description="One posting that corrects a statement.")
class AdjustmentLine:
    """A line."""

    shown: strawberry.Private[settlement.AdjustmentLine]
    seq: str = strawberry.field(description="Place of its journal in the sealed order.")
    line: int = strawberry.field(description="Which posting of the journal it is.")
    journal_id: strawberry.ID = strawberry.field(description="Id of the journal.")
    kind: str
    cause_kind: str
    cause_id: str = strawberry.field(description="The business event behind it.")
    effective_at: datetime
    recorded_at: datetime
    side: StatementSide
    reason: settlement.AdjustmentReason
    corrects_journal_id: strawberry.ID | None = strawberry.field(
        description="The journal on the statement that it takes back or decides; none if it is late."
    )
    is_late: bool = strawberry.field(
        description="It took effect in the statement's window but was sealed after that was cut."
    )
    amount: Money = strawberry.field(
        description="Positive when the side grows: the partner owes more, or is owed more."
    )

    @strawberry.field(description="The statement that settles it; null: the next one will.")
    async def settled_in(self, info: Info) -> _Statement | None:
        """Find the statement."""
        found = self.shown.settled_in
        key = None if found is None else found.statement_id
        return await load_one(info.context, "Statement", key)

    @classmethod
    def from_domain(cls, network_id: int, one: settlement.AdjustmentLine) -> "AdjustmentLine":
        """Show a line."""
        side = StatementSide(one.type)
        amount = one.amount if side is StatementSide.RECEIVABLE else -one.amount
        corrects = None if one.corrects is None else id_of("Journal", network_id, one.corrects)
        return cls(
            shown=one,
            seq=str(one.seq),
            line=one.line,
            journal_id=id_of("Journal", network_id, one.journal_id),
            kind=one.kind,
            cause_kind=one.cause.kind,
            cause_id=one.cause.id,
            effective_at=one.effective_at,
            recorded_at=one.recorded_at,
            side=side,
            reason=one.reason,
            corrects_journal_id=corrects,
            is_late=one.is_late,
            amount=show_money(amount),
        )


@strawberry.type(description="The lines of an adjustment statement, in the sealed order.")
class AdjustmentLineConnection(Connection[AdjustmentLine]):
    """A page of lines."""

    totals: StatementTotal = strawberry.field(description="What all lines come to.")


@strawberry.federation.type(
    keys=["id"],
    description="What corrects a final statement. Nothing is settled by it: each line says where.",
)
class AdjustmentStatement(Node):
    """An adjustment statement."""

    shown: strawberry.Private[settlement.AdjustmentStatement]
    number: int = strawberry.field(
        description="Without gaps in the network, together with those of statements."
    )
    currency: CurrencyCode
    from_seq: str = strawberry.field(description="Its lines stand after this place.")
    to_seq: str = strawberry.field(
        description="Its lines stand up to this place; later ones are in the next adjustment."
    )
    receivable: Money = strawberry.field(description="What the partner comes to owe by it.")
    payable: Money = strawberry.field(description="What the partner comes to be owed by it.")
    net: Money = strawberry.field(description="Receivable less payable.")
    lines_count: int
    content_hash: str = strawberry.field(description="SHA-256 over all that it says.")
    issued_at: datetime

    @strawberry.field(description="Who issued it; for staff.")
    def issued_by(self, info: Info) -> str | None:
        """Tell staff."""
        return self.shown.issued_by if is_staff(info) else None

    @strawberry.field(description="The final statement that it adjusts.")
    async def adjusts(self, info: Info) -> _Statement | None:
        """Find the statement."""
        return await load_one(info.context, "Statement", self.shown.adjusts.statement_id)

    @strawberry.field(description="Whose it is.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @strawberry.field(description="It as files: JSON, CSV, XLSX and PDF.")
    def documents(self, info: Info) -> list[StatementDocument]:
        """List its documents."""
        network_id = info.context.network_id
        return list_documents("AdjustmentStatement", network_id, self.shown.adjustment_id)

    @strawberry.field(description="The postings it is made of.")
    async def lines(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> AdjustmentLineConnection:
        """Page through the lines."""
        context: Context = info.context

        async def read(page: Page) -> list[settlement.AdjustmentLine]:
            place = oldest_first(page, places=2)
            async with context.reading() as db:
                return await settlement.list_adjustment_lines(
                    db, network_id=context.network_id, of=self.shown, **place
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.seq, one.line),
            show=lambda one: AdjustmentLine.from_domain(context.network_id, one),
        )
        totals = StatementTotal(
            count=self.shown.lines_count,
            receivable=self.receivable,
            payable=self.payable,
            net=self.net,
        )
        return AdjustmentLineConnection(edges=edges, page_info=page_info, totals=totals)

    @classmethod
    def from_domain(
        cls, network_id: int, one: settlement.AdjustmentStatement
    ) -> "AdjustmentStatement":
        """Show an adjustment statement."""
        return cls(
            id=id_of("AdjustmentStatement", network_id, one.adjustment_id),
            shown=one,
            number=one.number,
            currency=CurrencyCode(one.currency),
            from_seq=str(one.from_seq),
            to_seq=str(one.to_seq),
            receivable=show_money(one.moved.receivable),
            payable=show_money(one.moved.payable),
            net=show_money(one.moved.net),
            lines_count=one.lines_count,
            content_hash=one.content_hash,
            issued_at=one.issued_at,
        )


@node_kind("AdjustmentStatement", allow=_READERS)
async def load_adjustments(
    context: Context, keys: Sequence[UUID]
) -> dict[UUID, AdjustmentStatement]:
    """Find adjustment statements of the caller's scope."""
    async with context.reading() as db:
        found = await settlement.read_adjustment_statements(
            db, network_id=context.network_id, adjustment_ids=keys
        )
    return {
        key: AdjustmentStatement.from_domain(context.network_id, one) for key, one in found.items()
    }


@strawberry.type(description="The adjustment statements of a statement, by number.")
class AdjustmentStatementConnection(Connection[AdjustmentStatement]):
    """A page of adjustment statements."""


async def page_adjustments(
    context: Context, of: settlement.Statement, page: Page
) -> AdjustmentStatementConnection:
    """Page through the adjustments of a statement."""

    async def read(page: Page) -> list[settlement.AdjustmentStatement]:
        place = oldest_first(page, places=1)
        async with context.reading() as db:
            return await settlement.list_adjustment_statements(
                db, network_id=context.network_id, of=of, **place
            )

    edges, page_info = await connect(
        page,
        read=read,
        key=lambda one: (one.number,),
        show=lambda one: AdjustmentStatement.from_domain(context.network_id, one),
    )
    return AdjustmentStatementConnection(edges=edges, page_info=page_info)


@strawberry.input
class IssueAdjustmentStatementInput:
    """Which final statement is adjusted."""

    idempotency_key: str
    statement_id: strawberry.ID


@strawberry.type
class AdjustmentStatementPayload(Payload):
    """The adjustment statement, or why nothing changed."""

    adjustment_statement: AdjustmentStatement | None = None


@strawberry.type
class Mutation:
    """Issuing."""

    @mutation(allow=FINANCE)
    async def issue_adjustment_statement(
        self,
        info: Info,
        input: IssueAdjustmentStatementInput,  # noqa: A002
    ) -> AdjustmentStatementPayload:
        """Tell what corrects a final statement since its last adjustment; nothing is booked."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            issued = await settlement.issue_adjustment_statement(
                db,
                network_id=context.network_id,
                statement_id=key_of(
                    context, input.statement_id, "Statement", path=("statementId",)
                ),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"adjustment_statement": issued.adjustment_id}

        done = await perform(info, mutation="issueAdjustmentStatement", input=input, work=work)
        found: Any = await done.load(info, "AdjustmentStatement", "adjustment_statement")
        return AdjustmentStatementPayload(
            adjustment_statement=found, problems=done.problems, replayed=done.replayed
        )
