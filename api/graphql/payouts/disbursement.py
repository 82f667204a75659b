"""Payouts: cashback to members and settled positions to partners."""

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
from api.graphql.partners.agreements import Partner
from api.graphql.partners.members import Member
from api.graphql.partners.owners import Owners, owners_of
from api.graphql.partners.periods import Span, newest_first, span_of
from api.graphql.payouts.pages import is_staff, key_or_none, own_id, own_member
from api.graphql.permissions import (
    AUDITOR,
    CHECKER,
    FINANCE,
    MEMBER,
    OPERATOR,
    PARTNER,
    Payload,
    mutation,
    query,
)
from api.graphql.scalars import Money, MoneyInput, show_money
from payouts import disbursement

strawberry.enum(disbursement.PayoutState, description="Where a payout stands.")
strawberry.enum(disbursement.AttemptState, description="Where one try stands.")
strawberry.enum(
    disbursement.Leg,
    name="PayoutLeg",
    description="Which movement a try is about: to the payee's account, on to its bank, or back.",
)
_READERS = PARTNER | MEMBER | OPERATOR | FINANCE | AUDITOR


@strawberry.type(description="One try at the payment provider.")
class PayoutAttempt:
    """An attempt."""

    leg: disbursement.Leg
    epoch: int = strawberry.field(description="Which try of this movement it is.")
    state: disbursement.AttemptState
    amount: Money
    external_id: str | None = strawberry.field(description="The provider's id of the movement.")
    code: str | None = strawberry.field(description="The provider's word for why it failed.")
    prepared_at: datetime
    resolved_at: datetime | None


@strawberry.federation.type(keys=["id"], description="An order to pay a member or a partner.")
class Payout(Node):
    """A payout."""

    shown: strawberry.Private[disbursement.Payout]
    kind: str = strawberry.field(description="`cashback` to a member or `settlement` to a partner.")
    amount: Money
    state: disbursement.PayoutState
    reason: str | None = strawberry.field(description="Why it is where it is.")
    round: int = strawberry.field(description="How often it was ordered.")
    created_at: datetime
    changed_at: datetime
    paid_at: datetime | None

    @strawberry.field(description="The partner that is paid; null for cashback.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @strawberry.field(description="The member that is paid; null for a settlement.")
    async def member(self, info: Info) -> Member | None:
        """Find the member."""
        found: Member | None = await load_one(info.context, "Member", self.shown.member_id)
        return found

    @strawberry.field(description="Who ordered it; for staff.")
    def requested_by(self, info: Info) -> str | None:
        """Show the maker."""
        return self.shown.requested_by if is_staff(info) else None

    @strawberry.field(description="Who approved it; for staff.")
    def approved_by(self, info: Info) -> str | None:
        """Show the checker."""
        return self.shown.approved_by if is_staff(info) else None

    @strawberry.field(
        description="Who released it, when it exceeded what may go first to a new destination;"
        " for staff."
    )
    def released_by(self, info: Info) -> str | None:
        """Show who released it."""
        return self.shown.released_by if is_staff(info) else None

    @strawberry.field(description="Its tries at the provider, in their order; for staff.")
    async def attempts(self, info: Info) -> list[PayoutAttempt]:
        """Find the attempts, which a partner's or member's scope does not see."""
        context: Context = info.context
        async with context.reading() as db:
            found = await disbursement.list_attempts(
                db, network_id=context.network_id, payout_id=self.shown.payout_id
            )
        return [_attempt(one) for one in found]

    @classmethod
    def from_domain(cls, network_id: int, one: disbursement.Payout) -> "Payout":
        """Show a payout."""
        return cls(
            id=id_of("Payout", network_id, one.payout_id),
            shown=one,
            kind=one.kind,
            amount=show_money(one.amount),
            state=one.state,
            reason=one.reason,
            round=one.round,
            created_at=one.created_at,
            changed_at=one.changed_at,
            paid_at=one.paid_at,
        )


def _attempt(one: disbursement.Attempt) -> PayoutAttempt:
    return PayoutAttempt(
        leg=one.leg,
        epoch=one.epoch,
        state=one.state,
        amount=show_money(one.amount),
        external_id=one.external_id,
        code=one.code,
        prepared_at=one.prepared_at,
        resolved_at=one.resolved_at,
    )


@node_kind("Payout", allow=_READERS)
async def load_payouts(context: Context, keys: Sequence[UUID]) -> dict[UUID, Payout]:
    """Find payouts of the caller's scope."""
    async with context.reading() as db:
        found = await disbursement.read_payouts(db, network_id=context.network_id, payout_ids=keys)
    return {key: Payout.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type(description="How many payouts of a currency, and how much they come to.")
class PayoutTotal:
    """A total."""

    count: int
    amount: Money


@strawberry.type(description="Payouts made in a period, the newest first.")
class PayoutConnection(Connection[Payout]):
    """A page of payouts."""

    span: strawberry.Private[Span]
    owners: strawberry.Private[Owners]
    states: strawberry.Private[list[str]]
    since: datetime
    until: datetime

    @strawberry.field(description="Totals of the whole period, by currency.")
    async def totals(self, info: Info) -> list[PayoutTotal]:
        """Sum the period."""
        context: Context = info.context
        async with context.reading() as db:
            sums = await disbursement.total_payouts(
                db,
                network_id=context.network_id,
                since=self.span.since,
                until=self.span.until,
                states=self.states,
                partner_id=self.owners.partner_id,
                member_id=self.owners.member_id,
            )
        return [PayoutTotal(count=count, amount=show_money(amount)) for count, amount in sums]


@strawberry.type
class Query:
    """Reads of payouts."""

    @query(allow=_READERS)
    async def payouts(
        self,
        info: Info,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        states: list[disbursement.PayoutState] | None = None,
        partner_id: strawberry.ID | None = None,
        member_id: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> PayoutConnection:
        """Payouts made in a period (31 days to now, if not given), the newest first."""
        context: Context = info.context
        span = span_of(context, since, until)
        owners = owners_of(context, partner_id, member_id)
        wanted = sorted({one.value for one in states or ()})

        async def read(page: Page) -> list[disbursement.Payout]:
            place = newest_first(page)
            async with context.reading() as db:
                return await disbursement.list_payouts(
                    db,
                    network_id=context.network_id,
                    since=span.since,
                    until=span.until,
                    states=wanted,
                    partner_id=owners.partner_id,
                    member_id=owners.member_id,
                    **place,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.created_at.isoformat(), one.payout_id.hex),
            show=lambda one: Payout.from_domain(context.network_id, one),
        )
        return PayoutConnection(
            edges=edges,
            page_info=page_info,
            span=span,
            owners=owners,
            states=wanted,
            since=span.since,
            until=span.until,
        )

    @query(allow=_READERS)
    async def payout(self, info: Info, id: strawberry.ID) -> Payout | None:  # noqa: A002
        """A payout; null when there is none that this caller may see."""
        context: Context = info.context
        found: Payout | None = await load_one(context, "Payout", key_or_none(context, id, "Payout"))
        return found


@strawberry.input
class RequestCashbackPayoutInput:
    """How much of the cashback is to be paid out."""

    idempotency_key: str
    amount: MoneyInput
    member_id: strawberry.ID | None = strawberry.field(
        default=None, description="For staff; a member asks for itself."
    )


@strawberry.input
class ApprovePayoutInput:
    """Which payout is released."""

    idempotency_key: str
    payout_id: strawberry.ID


@strawberry.input
class CancelPayoutInput:
    """Which payout is stopped."""

    idempotency_key: str
    payout_id: strawberry.ID


@strawberry.input
class RetryPayoutInput:
    """Which payout is ordered anew."""

    idempotency_key: str
    payout_id: strawberry.ID


@strawberry.type
class PayoutPayload(Payload):
    """The payout, or why nothing changed."""

    payout: Payout | None = None


async def _shown(info: Info, mutation_: str, given: Any, work: Any) -> PayoutPayload:
    done = await perform(info, mutation=mutation_, input=given, work=work)
    payout: Any = await done.load(info, "Payout", "payout")
    return PayoutPayload(payout=payout, problems=done.problems, replayed=done.replayed)


@strawberry.type
class Mutation:
    """Ordering, approving, cancelling and repeating payouts."""

    @mutation(allow=MEMBER | OPERATOR)
    async def request_cashback_payout(
        self,
        info: Info,
        input: RequestCashbackPayoutInput,  # noqa: A002
    ) -> PayoutPayload:
        """Set cashback aside and order its payout; above the policy's limit it waits for approval."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            payout = await disbursement.request_cashback_payout(
                db,
                network_id=context.network_id,
                member_id=own_member(context, input.member_id),
                amount=input.amount.positive("amount"),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"payout": payout.payout_id}

        return await _shown(info, "requestCashbackPayout", input, work)

    @mutation(allow=CHECKER)
    async def approve_payout(
        self,
        info: Info,
        input: ApprovePayoutInput,  # noqa: A002
    ) -> PayoutPayload:
        """Release a payout that waits for a second person."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            payout = await disbursement.approve_payout(
                db,
                network_id=context.network_id,
                payout_id=key_of(context, input.payout_id, "Payout", path=("payoutId",)),
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"payout": payout.payout_id}

        return await _shown(info, "approvePayout", input, work)

    @mutation(allow=MEMBER | FINANCE)
    async def cancel_payout(
        self,
        info: Info,
        input: CancelPayoutInput,  # noqa: A002
    ) -> PayoutPayload:
        """Stop a payout that is not yet under way; its value goes back."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            payout = await disbursement.cancel_payout(
                db,
                network_id=context.network_id,
                payout_id=key_of(context, input.payout_id, "Payout", path=("payoutId",)),
                actor=context.known_caller.identity,
                now=context.now,
                owner_id=own_id(context),
            )
            return {"payout": payout.payout_id}

        return await _shown(info, "cancelPayout", input, work)

    @mutation(allow=MEMBER | FINANCE)
    async def retry_payout(
        self,
        info: Info,
        input: RetryPayoutInput,  # noqa: A002
    ) -> PayoutPayload:
        """Order a payout anew that came back or failed."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            payout = await disbursement.retry_payout(
                db,
                network_id=context.network_id,
                payout_id=key_of(context, input.payout_id, "Payout", path=("payoutId",)),
                actor=context.known_caller.identity,
                now=context.now,
                owner_id=own_id(context),
            )
            return {"payout": payout.payout_id}

        return await _shown(info, "retryPayout", input, work)
