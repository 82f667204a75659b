"""Accruals."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.auth.caller import CallerKind
from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.nodes import Node, id_of, load_one, node_kind
from api.graphql.partners.agreements import Partner
from api.graphql.partners.members import Member
from api.graphql.partners.owners import Owners, owners_of
from api.graphql.partners.periods import Span, newest_first, span_of
from api.graphql.permissions import AUDITOR, EVERYONE, FINANCE, MEMBER, OPERATOR, PARTNER, query
from api.graphql.scalars import Money, show_money
from partners import accruals
from partners.accruals import list_accruals, read_accruals, total_accruals

# A purchase shows its accrual; importing it back would be a cycle.
_Purchase = Annotated[
    "Purchase",  # type: ignore[name-defined] # noqa: F821
    strawberry.lazy("api.graphql.partners.purchases"),
]


@strawberry.enum(description="Where an accrual stands.")
class AccrualState(Enum):
    """States of accruals."""

    PENDING = "pending"
    AVAILABLE = "available"
    REVERSED = "reversed"
    EXPIRED = "expired"


@strawberry.type(description="What one funder pays of an accrual.")
class AccrualShare:
    """A funder's share."""

    partner_key: strawberry.Private[UUID | None]
    amount: Money
    remaining: Money = strawberry.field(description="Less what returns gave back.")
    expired: Money = strawberry.field(description="What of it lapsed unspent.")

    @strawberry.field(description="The partner that pays; null where the network itself does.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.partner_key)
        return found


@strawberry.federation.type(
    keys=["id"], description="What a purchase earned: pending, then available, or taken back."
)
class Accrual(Node):
    """An accrual."""

    shown: strawberry.Private[accruals.Accrual]
    state: AccrualState
    rate_bps: int
    cashback: Money = strawberry.field(description="As the purchase earned it.")
    cashback_remaining: Money = strawberry.field(description="Less what returns took back.")
    debt_offset: Money = strawberry.field(description="How much of it paid an earlier debt.")
    earned_at: datetime
    available_at: datetime = strawberry.field(description="When the return window is over.")
    confirmed_at: datetime | None
    expires_at: datetime | None = strawberry.field(
        description="When what is unspent of it lapses; null: never."
    )
    cashback_expired: Money = strawberry.field(description="What of it lapsed unspent.")

    @strawberry.field(description="The network's fee on the purchase; null for a member.")
    def fee(self, info: Info) -> Money | None:
        """Show the fee to those between whom it is agreed."""
        return None if _is_member(info) else show_money(self.shown.fee)

    @strawberry.field(description="The fee less what returns gave back; null for a member.")
    def fee_remaining(self, info: Info) -> Money | None:
        """Show the remaining fee to those between whom it is agreed."""
        return None if _is_member(info) else show_money(self.shown.fee_remaining)

    @strawberry.field(description="Who funds it; a partner sees its own share, a member none.")
    def shares(self) -> list[AccrualShare]:
        """Show the shares in the caller's scope."""
        return [
            AccrualShare(
                partner_key=one.partner_id,
                amount=show_money(one.amount),
                remaining=show_money(one.remaining),
                expired=show_money(one.expired),
            )
            for one in self.shown.shares
        ]

    @strawberry.field(description="The purchase that earned it.")
    async def purchase(self, info: Info) -> _Purchase | None:
        """Find the purchase."""
        return await load_one(info.context, "Purchase", self.shown.purchase_id)

    @strawberry.field(description="Where the purchase was made.")
    async def partner(self, info: Info) -> Partner | None:
        """Find the partner."""
        found: Partner | None = await load_one(info.context, "Partner", self.shown.partner_id)
        return found

    @strawberry.field(description="Whose it is; null when another partner enrolled them.")
    async def member(self, info: Info) -> Member | None:
        """Find the member."""
        found: Member | None = await load_one(info.context, "Member", self.shown.member_id)
        return found

    @classmethod
    def from_domain(cls, network_id: int, one: accruals.Accrual) -> "Accrual":
        """Show an accrual."""
        return cls(
            id=id_of("Accrual", network_id, one.accrual_id),
            shown=one,
            state=AccrualState(one.state.value),
            rate_bps=one.rate_bps,
            cashback=show_money(one.cashback),
            cashback_remaining=show_money(one.remaining),
            debt_offset=show_money(one.debt_offset),
            earned_at=one.earned_at,
            available_at=one.available_at,
            confirmed_at=one.confirmed_at,
            expires_at=one.expires_at,
            cashback_expired=show_money(one.cashback_expired),
        )


def _is_member(info: Info) -> bool:
    context: Context = info.context
    return context.known_caller.kind is CallerKind.MEMBER


@node_kind("Accrual", allow=EVERYONE)
async def load_accruals(context: Context, keys: Sequence[UUID]) -> dict[UUID, Accrual]:
    """Find accruals of the caller's scope."""
    async with context.reading() as db:
        found = await read_accruals(db, network_id=context.network_id, accrual_ids=keys)
    return {key: Accrual.from_domain(context.network_id, one) for key, one in found.items()}


@strawberry.type(description="Accruals earned in a period, the newest first.")
class AccrualConnection(Connection[Accrual]):
    """A page of accruals."""

    span: strawberry.Private[Span]
    owners: strawberry.Private[Owners]
    since: datetime
    until: datetime

    @strawberry.field(description="Remaining cashback of the whole period, by currency.")
    async def totals(self, info: Info) -> list[Money]:
        """Sum the period."""
        context: Context = info.context
        async with context.reading() as db:
            sums = await total_accruals(
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
    """Reads of accruals."""

    @query(allow=PARTNER | MEMBER | OPERATOR | FINANCE | AUDITOR)
    async def accruals(
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
    ) -> AccrualConnection:
        """Accruals of a period (31 days to now, if not given), the newest first."""
        context: Context = info.context
        span = span_of(context, since, until)
        owners = owners_of(context, partner_id, member_id)

        async def read(page: Page) -> list[accruals.Accrual]:
            place = newest_first(page)
            async with context.reading() as db:
                return await list_accruals(
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
            key=lambda one: (one.earned_at.isoformat(), one.accrual_id.hex),
            show=lambda one: Accrual.from_domain(context.network_id, one),
        )
        return AccrualConnection(
            edges=edges,
            page_info=page_info,
            span=span,
            owners=owners,
            since=span.since,
            until=span.until,
        )
