"""Statements: what one partner owes and is owed, line by line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.nodes import Node, id_of, load_one, node_kind
from api.graphql.partners.agreements import Partner
from api.graphql.partners.owners import Owners, owners_of
from api.graphql.partners.periods import Span, newest_first, span_of
from api.graphql.payouts.adjustments import AdjustmentStatementConnection, page_adjustments
from api.graphql.payouts.conversions import StatementConversion, load_conversion
from api.graphql.payouts.disbursement import Payout
from api.graphql.payouts.funding import Collection
from api.graphql.payouts.pages import key_or_none, oldest_first
from api.graphql.payouts.reserves import Reserve, load_released_in, load_reserve_of
from api.graphql.payouts.statement_documents import StatementDocument, list_documents
from api.graphql.payouts.statement_lines import (
    StatementLine,
    StatementLineConnection,
    StatementTotal,
)
from api.graphql.permissions import AUDITOR, FINANCE, OPERATOR, PARTNER, query
from api.graphql.scalars import CurrencyCode, Money, show_money
from payouts import disbursement, settlement
from payouts.ledger import Movement

strawberry.enum(settlement.StatementState, description="A statement is final once approved.")
strawberry.enum(
    settlement.Outcome,
    name="StatementOutcome",
    description="What becomes of a statement's net.",
)
strawberry.enum(settlement.CarriedBecause, description="Why a net is not settled but carried.")
_READERS = PARTNER | OPERATOR | FINANCE | AUDITOR
_Cycle = Annotated[
    "SettlementCycle",  # type: ignore[name-defined] # noqa: F821
    strawberry.lazy("api.graphql.payouts.settlement"),
]


@strawberry.federation.type(
    keys=["id"], description="What one partner owes and is owed in one currency."
)
class Statement(Node):
    """A statement: opening plus movements is the net, which is paid, collected or carried."""

    shown: strawberry.Private[settlement.Statement]
    number: int = strawberry.field(description="Without gaps in the network.")
    version: int = strawberry.field(
        description="A later version of the same number takes the place of an earlier one."
    )
    cut_at: datetime | None = strawberry.field(
        description="It says what stands at this instant; those of earlier releases have none."
    )
    currency: CurrencyCode
    state: settlement.StatementState
    outcome: settlement.Outcome
    opening: Money = strawberry.field(
        description="Net at the cut before; positive is owed by the partner."
    )
    settled: Money = strawberry.field(
        description="What of it was settled since, as a net: its opposite, unless it was carried."
    )
    receivable: Money = strawberry.field(description="What the partner came to owe, gross.")
    payable: Money = strawberry.field(description="What the partner came to be owed, gross.")
    net: Money = strawberry.field(
        description="Opening, settled and receivable less payable: positive is collected,"
        " negative paid."
    )
    carried_forward: Money = strawberry.field(description="Net that opens the next statement.")
    carried_because: settlement.CarriedBecause | None = strawberry.field(
        description="Why all of it is carried; null when it is not."
    )
    lines_count: int
    content_hash: str = strawberry.field(description="SHA-256 over all that the statement says.")
    issued_at: datetime

    @strawberry.field(description="Whose it is.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @strawberry.field(description="The cycle it is of; for staff.")
    async def settlement_cycle(self, info: Info) -> _Cycle | None:
        """Find the cycle, which a partner's scope does not see."""
        return await load_one(info.context, "SettlementCycle", self.shown.cycle_id)

    @strawberry.field(description="The payout it led to.")
    async def payout(self, info: Info) -> Payout | None:
        """Find the payout."""
        context: Context = info.context
        order = await self._order(context)
        if not isinstance(order, disbursement.Payout):
            return None
        return Payout.from_domain(context.network_id, order)

    @strawberry.field(description="The collection it led to.")
    async def collection(self, info: Info) -> Collection | None:
        """Find the collection."""
        context: Context = info.context
        order = await self._order(context)
        if not isinstance(order, disbursement.Collection):
            return None
        return Collection.from_domain(context.network_id, order)

    @strawberry.field(description="What the net comes to in another currency, and at which rate.")
    async def conversion(self, info: Info) -> StatementConversion | None:
        """Find the conversion."""
        return await load_conversion(info.context, self.shown)

    @strawberry.field(description="What was held back of the payment; known once it is approved.")
    async def reserve(self, info: Info) -> Reserve | None:
        """Find the reserve."""
        context: Context = info.context
        found = await load_reserve_of(context, self.shown.statement_id)
        return Reserve.from_domain(context.network_id, found) if found else None

    @strawberry.field(description="How much of the payment was held back.")
    async def reserve_withheld(self, info: Info) -> Money:
        """Tell what was held back; nothing until the cycle is approved."""
        found = await load_reserve_of(info.context, self.shown.statement_id)
        return show_money(found.amount if found else self.shown.nothing)

    @strawberry.field(description="What was held back of earlier payments and is in this net.")
    async def reserve_released(self, info: Info) -> Money:
        """Tell what came back."""
        return await load_released_in(info.context, self.shown.statement_id)

    @strawberry.field(description="The statement as files: JSON, CSV, XLSX and PDF.")
    def documents(self, info: Info) -> list[StatementDocument]:
        """List its documents."""
        return list_documents("Statement", info.context.network_id, self.shown.statement_id)

    async def _order(self, context: Context) -> Any:
        async def load(keys: list[UUID]) -> list[Any]:
            async with context.reading() as db:
                statements = await settlement.read_statements(
                    db, network_id=context.network_id, statement_ids=keys
                )
                found = await disbursement.list_orders_of_statements(
                    db, network_id=context.network_id, statements=list(statements.values())
                )
            return [found.get(key) for key in keys]

        return await context.loader("Statement.order", load).load(self.shown.statement_id)

    @strawberry.field(description="The postings it is made of.")
    async def lines(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        since_version: int | None = None,
    ) -> StatementLineConnection:
        """Page through the lines; with a version, those that it did not have yet."""
        context: Context = info.context

        async def read(page: Page) -> list[Movement]:
            place = oldest_first(page, places=2)
            async with context.reading() as db:
                return await settlement.list_statement_lines(
                    db,
                    network_id=context.network_id,
                    of=self.shown,
                    since_version=since_version,
                    **place,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.seq, one.line),
            show=lambda one: StatementLine.from_domain(context.network_id, one, self.shown.stretch),
        )
        totals = StatementTotal(
            count=self.shown.lines_count,
            receivable=show_money(self.shown.receivable),
            payable=show_money(self.shown.payable),
            net=show_money(self.shown.receivable - self.shown.payable),
        )
        return StatementLineConnection(edges=edges, page_info=page_info, totals=totals)

    @strawberry.field(description="What corrects it since it was final, by number.")
    async def adjustments(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> AdjustmentStatementConnection:
        """Page through its adjustment statements."""
        page = page_of(first=first, after=after, last=last, before=before)
        return await page_adjustments(info.context, self.shown, page)

    @classmethod
    def from_domain(cls, network_id: int, one: settlement.Statement) -> "Statement":
        """Show a statement."""
        return cls(
            id=id_of("Statement", network_id, one.statement_id),
            shown=one,
            number=one.number,
            version=one.version,
            cut_at=one.stretch.cut.at,
            currency=CurrencyCode(one.currency),
            state=one.state,
            outcome=one.outcome,
            opening=show_money(one.opening),
            settled=show_money(one.settled),
            receivable=show_money(one.receivable),
            payable=show_money(one.payable),
            net=show_money(one.net),
            carried_forward=show_money(one.carried),
            carried_because=one.carried_because,
            lines_count=one.lines_count,
            content_hash=one.content_hash,
            issued_at=one.issued_at,
        )


@node_kind("Statement", allow=_READERS)
async def load_statements(context: Context, keys: Sequence[UUID]) -> dict[UUID, Statement]:
    """Find statements of the caller's scope."""
    async with context.reading() as db:
        found = await settlement.read_statements(
            db, network_id=context.network_id, statement_ids=keys
        )
    return {key: Statement.from_domain(context.network_id, one) for key, one in found.items()}


async def statement_totals(
    context: Context, span: Span, partner_id: UUID | None
) -> list[StatementTotal]:
    """Sum the statements of a period, by currency."""
    async with context.reading() as db:
        sums = await settlement.total_statements(
            db,
            network_id=context.network_id,
            since=span.since,
            until=span.until,
            partner_id=partner_id,
        )
    return [
        StatementTotal(
            count=count,
            receivable=show_money(receivable),
            payable=show_money(payable),
            net=show_money(receivable - payable),
        )
        for count, receivable, payable in sums
    ]


@strawberry.type(description="Statements issued in a period, the newest first.")
class StatementConnection(Connection[Statement]):
    """A page of statements."""

    span: strawberry.Private[Span]
    owners: strawberry.Private[Owners]
    since: datetime
    until: datetime

    @strawberry.field(description="What all statements of the period come to, by currency.")
    async def totals(self, info: Info) -> list[StatementTotal]:
        """Sum the period."""
        return await statement_totals(info.context, self.span, self.owners.partner_id)


@strawberry.type
class Query:
    """Reads of statements."""

    @query(allow=_READERS)
    async def statements(
        self,
        info: Info,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        partner_id: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> StatementConnection:
        """Statements issued in a period (31 days to now, if not given), the newest first."""
        context: Context = info.context
        span = span_of(context, since, until)
        owners = owners_of(context, partner_id, None)

        async def read(page: Page) -> list[settlement.Statement]:
            place = newest_first(page)
            async with context.reading() as db:
                return await settlement.list_statements(
                    db,
                    network_id=context.network_id,
                    since=span.since,
                    until=span.until,
                    partner_id=owners.partner_id,
                    **place,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.issued_at.isoformat(), one.statement_id.hex),
            show=lambda one: Statement.from_domain(context.network_id, one),
        )
        return StatementConnection(
            edges=edges,
            page_info=page_info,
            span=span,
            owners=owners,
            since=span.since,
            until=span.until,
        )

    @query(allow=_READERS)
    async def statement(self, info: Info, id: strawberry.ID) -> Statement | None:  # noqa: A002
        """A statement; null when there is none that this caller may see."""
        context: Context = info.context
        key = key_or_none(context, id, "Statement")
        found: Statement | None = await load_one(context, "Statement", key)
        return found
