"""Purchases and returns."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import strawberry
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.mutation import (
    LOCK_NOT_AVAILABLE,
    Performed,
    keyed,
    mismatch,
    perform,
    refused,
    show_outcome,
)
from api.graphql.nodes import Node, id_of, key_of, load_one, node_kind
from api.graphql.partners.accruals import Accrual
from api.graphql.partners.acting import acting_partner, own_network
from api.graphql.partners.agreements import Partner
from api.graphql.partners.members import Member
from api.graphql.partners.owners import Owners, owners_of
from api.graphql.partners.periods import Span, newest_first, span_of
from api.graphql.permissions import (
    AUDITOR,
    EVERYONE,
    FINANCE,
    MEMBER,
    OPERATOR,
    PARTNER,
    Payload,
    mutation,
    query,
)
from api.graphql.problems import InvalidInput, ProblemCode, problem
from api.graphql.scalars import Money, MoneyInput, instant, show_money
from api.purchase_desk import PurchaseCall
from partners import accruals, purchases
from partners.purchases import (
    list_purchases,
    read_purchases,
    read_returns,
    read_returns_of_purchases,
    total_purchases,
)
from payouts.money import new_id
from payouts.refusal import Refusal


@strawberry.federation.type(keys=["id"], description="Part of a purchase that came back.")
class PurchaseReturn(Node):
    """A return."""

    shown: strawberry.Private[purchases.PurchaseReturn]
    external_id: str
    amount: Money
    cashback: Money = strawberry.field(description="Taken back from the member.")
    debt: Money = strawberry.field(description="How much of it the member had spent already.")
    returned_at: datetime

    @strawberry.field(description="What came back.")
    async def purchase(self, info: Info) -> "Purchase | None":
        """Find the purchase."""
        found: Purchase | None = await load_one(info.context, "Purchase", self.shown.purchase_id)
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: purchases.PurchaseReturn) -> "PurchaseReturn":
        """Show a return."""
        return cls(
            id=id_of("PurchaseReturn", network_id, one.return_id),
            shown=one,
            external_id=one.external_id,
            amount=show_money(one.amount),
            cashback=show_money(one.cashback),
            debt=show_money(one.debt),
            returned_at=one.returned_at,
        )


@strawberry.federation.type(keys=["id"], description="What a member bought at a partner.")
class Purchase(Node):
    """A purchase."""

    shown: strawberry.Private[purchases.Purchase]
    external_id: str = strawberry.field(description="The partner's own id of it.")
    amount: Money
    returned: Money = strawberry.field(description="How much of it came back.")
    category: str | None
    purchased_at: datetime
    recorded_at: datetime

    @strawberry.field(description="Where it was made.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @strawberry.field(description="Whose it is; null when another partner enrolled them.")
    async def member(self, info: Info) -> Member | None:
        """Find the member."""
        found: Member | None = await load_one(info.context, "Member", self.shown.member_id)
        return found

    @strawberry.field(description="What it earned.")
    async def accrual(self, info: Info) -> Accrual | None:
        """Find the accrual, together with those of other purchases."""
        context: Context = info.context

        async def load(keys: list[UUID]) -> list[Accrual | None]:
            async with context.reading() as db:
                found = await accruals.read_accruals_of_purchases(
                    db, network_id=context.network_id, purchase_ids=keys
                )
            shown = {
                key: Accrual.from_domain(context.network_id, one) for key, one in found.items()
            }
            return [shown.get(key) for key in keys]

        loader = context.loader("Purchase.accrual", load)
        one: Accrual | None = await loader.load(self.shown.purchase_id)
        return one

    @strawberry.field(description="Its returns in the order of their recording.")
    async def returns(self, info: Info) -> list[PurchaseReturn]:
        """Find the returns, together with those of other purchases."""
        context: Context = info.context

        async def load(keys: list[UUID]) -> list[list[PurchaseReturn]]:
            async with context.reading() as db:
                found = await read_returns_of_purchases(
                    db, network_id=context.network_id, purchase_ids=keys
                )
            return [
                [PurchaseReturn.from_domain(context.network_id, one) for one in found[key]]
                for key in keys
            ]

        loader = context.loader("Purchase.returns", load)
        ones: list[PurchaseReturn] = await loader.load(self.shown.purchase_id)
        return ones

    @classmethod
    def from_domain(cls, network_id: int, one: purchases.Purchase) -> "Purchase":
        """Show a purchase."""
        return cls(
            id=id_of("Purchase", network_id, one.purchase_id),
            shown=one,
            external_id=one.external_id,
            amount=show_money(one.amount),
            returned=show_money(one.returned),
            category=one.category,
            purchased_at=one.purchased_at,
            recorded_at=one.recorded_at,
        )


@node_kind("Purchase", allow=EVERYONE)
async def load_purchases(context: Context, keys: Sequence[UUID]) -> dict[UUID, Purchase]:
    """Find purchases of the caller's scope."""
    async with context.reading() as db:
        found = await read_purchases(db, network_id=context.network_id, purchase_ids=keys)
    return {key: Purchase.from_domain(context.network_id, one) for key, one in found.items()}


@node_kind("PurchaseReturn", allow=EVERYONE)
async def load_returns(context: Context, keys: Sequence[UUID]) -> dict[UUID, PurchaseReturn]:
    """Find returns of the caller's scope."""
    async with context.reading() as db:
        found = await read_returns(db, network_id=context.network_id, return_ids=keys)
    return {key: PurchaseReturn.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type(description="Purchases of a period, the newest first.")
class PurchaseConnection(Connection[Purchase]):
    """A page of purchases."""

    span: strawberry.Private[Span]
    owners: strawberry.Private[Owners]
    since: datetime
    until: datetime

    @strawberry.field(description="Purchases less returns of the whole period, by currency.")
    async def totals(self, info: Info) -> list[Money]:
        """Sum the period."""
        context: Context = info.context
        async with context.reading() as db:
            sums = await total_purchases(
                db,
                network_id=context.network_id,
                partner_id=self.owners.partner_id,
                member_id=self.owners.member_id,
                since=self.span.since,
                until=self.span.until,
            )
        return [show_money(one) for one in sums]


@strawberry.type
class Query:
    """Reads of purchases."""

    @query(allow=PARTNER | MEMBER | OPERATOR | FINANCE | AUDITOR)
    async def purchases(
        self,
        info: Info,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        partner_id: strawberry.ID | None = None,
        member_id: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> PurchaseConnection:
        """Purchases of a period (31 days to now, if not given), the newest first."""
        context: Context = info.context
        span = span_of(context, since, until)
        owners = owners_of(context, partner_id, member_id)

        async def read(page: Page) -> list[purchases.Purchase]:
            place = newest_first(page)
            async with context.reading() as db:
                return await list_purchases(
                    db,
                    network_id=context.network_id,
                    partner_id=owners.partner_id,
                    member_id=owners.member_id,
                    since=span.since,
                    until=span.until,
                    **place,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.purchased_at.isoformat(), one.purchase_id.hex),
            show=lambda one: Purchase.from_domain(context.network_id, one),
        )
        return PurchaseConnection(
            edges=edges,
            page_info=page_info,
            span=span,
            owners=owners,
            since=span.since,
            until=span.until,
        )


@strawberry.input(description="What a member bought; `memberId` or `memberExternalId` names them.")
class RecordPurchaseInput:
    """Input of recordPurchase."""

    idempotency_key: str
    external_id: str = strawberry.field(description="The partner's own id; booked once for each.")
    member_id: strawberry.ID | None = None
    member_external_id: str | None = strawberry.field(
        default=None, description="The identity under which this partner enrolled them."
    )
    amount: MoneyInput
    category: str | None = None
    purchased_at: datetime


@strawberry.type
class RecordPurchasePayload(Payload):
    """The purchase."""

    purchase: Purchase | None = None


@strawberry.input(description="What came back of a purchase.")
class RecordReturnInput:
    """Input of recordReturn."""

    idempotency_key: str
    purchase_id: strawberry.ID
    external_id: str = strawberry.field(description="The partner's own id; booked once for each.")
    amount: MoneyInput


@strawberry.type
class RecordReturnPayload(Payload):
    """The return."""

    purchase_return: PurchaseReturn | None = None


@strawberry.type
class Mutation:
    """Earning."""

    @mutation(allow=PARTNER)
    async def record_purchase(
        self,
        info: Info,
        input: RecordPurchaseInput,  # noqa: A002
    ) -> RecordPurchasePayload:
        """Report a purchase. What it earns is pending until its return window is over."""
        context: Context = info.context

        done = await _report_purchase(context, input)
        return RecordPurchasePayload(
            purchase=await done.load(info, "Purchase", "purchase"),
            problems=done.problems,
            replayed=done.replayed,
        )

    @mutation(allow=PARTNER)
    async def record_return(
        self,
        info: Info,
        input: RecordReturnInput,  # noqa: A002
    ) -> RecordReturnPayload:
        """Report that a purchase came back, in part or in whole; its share of the value goes back."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await purchases.record_return(
                db,
                network_id=own_network(context),
                partner_id=acting_partner(context, None),
                purchase_id=key_of(context, input.purchase_id, "Purchase", path=("purchaseId",)),
                external_id=input.external_id,
                amount=input.amount.amount("amount"),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"return": made.return_id}

        done = await perform(info, mutation="recordReturn", input=input, work=work)
        return RecordReturnPayload(
            purchase_return=await done.load(info, "PurchaseReturn", "return"),
            problems=done.problems,
            replayed=done.replayed,
        )


async def _report_purchase(context: Context, given: RecordPurchaseInput) -> Performed:
    await context.close()
    try:
        call = PurchaseCall(keyed(context, given), context.now)
    except InvalidInput as refusal:
        return refused(refusal, context.locale)
    try:
        network_id = own_network(context)
        call.report = _report(context, given)
    except Refusal as refusal:
        network_id = context.network_id
        call.refusal = refusal
        call.is_lasting = not (refusal.retryable or isinstance(refusal, InvalidInput))
    try:
        answer = await context.purchase_desk.submit(network_id, call)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        return Performed(problems=[problem(ProblemCode.IN_PROGRESS, context.locale)])
    if answer.is_mismatch:
        return mismatch(context.locale)
    if answer.outcome is None:
        assert answer.refusal is not None, "an answer has an outcome or a refusal"
        return refused(answer.refusal, context.locale)
    return show_outcome(answer.outcome, context.locale, replayed=answer.replayed)


def _report(context: Context, given: RecordPurchaseInput) -> purchases.Report:
    if (given.member_id is None) == (given.member_external_id is None):
        raise InvalidInput(reason="Give either memberId or memberExternalId.", path=("memberId",))
    member_id = None
    if given.member_id is not None:
        member_id = key_of(context, given.member_id, "Member", path=("memberId",))
    return purchases.Report(
        purchase_id=new_id(context.now),
        partner_id=acting_partner(context, None),
        member_id=member_id,
        member_external_id=given.member_external_id,
        external_id=given.external_id,
        amount=given.amount.amount("amount"),
        category=given.category,
        purchased_at=instant(given.purchased_at, "purchasedAt"),
        actor=context.known_caller.identity,
    )
