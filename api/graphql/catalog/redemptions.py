"""Quotes and redemptions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.auth.caller import CallerKind
from api.graphql.catalog.experiences import Booking
from api.graphql.catalog.giftcards import GiftCard
from api.graphql.catalog.prices import PriceLine, is_staff, show_lines
from api.graphql.catalog.rewards import Reward, load_reward_of_record
from api.graphql.catalog.sourcing import Sourcing, sourcing_of
from api.graphql.catalog.vouchers import Voucher, is_for
from api.graphql.connection import Connection, Page, connect, page_of
from api.graphql.context import Context
from api.graphql.nodes import Node, id_of, load_one, node_kind
from api.graphql.partners.members import Member
from api.graphql.partners.owners import owners_of
from api.graphql.partners.periods import Span, span_of
from api.graphql.permissions import (
    AUDITOR,
    FINANCE,
    MEMBER,
    OPERATOR,
    STAFF,
    query,
)
from api.graphql.scalars import Decimal, Money, Points, points_of, show_money, show_points
from catalog import redemptions as domain
from catalog.pricing import PriceLine as PricePart
from catalog.pricing import PriceLineKind
from catalog.redemptions import RedemptionCursor, RedemptionKind, RedemptionState
from catalog.vouchers import read_vouchers_of_redemptions

strawberry.enum(RedemptionKind, description="What value is turned into.")
strawberry.enum(
    RedemptionState,
    description="How far a redemption is. UNKNOWN: the supplier has not said what became of the"
    " order; the value stays set aside until it has.",
)


@strawberry.type(
    description="What the network pays its supplier, in the supplier's currency, and what it keeps."
)
class QuoteCost:
    """The other side of a price, for staff."""

    cost: Money = strawberry.field(description="What the supplier charges for the face.")
    fee: Money
    discount: Money = strawberry.field(description="Below 0.")
    total: Money = strawberry.field(description="The sum of the three: what the supplier is owed.")
    gain: Money = strawberry.field(
        description="The member's price less this total at the quote's rate, in the member's"
        " currency; below 0 when the network gives."
    )

    @classmethod
    def from_domain(cls, one: domain.Quote) -> "QuoteCost | None":
        """Show the costs of a quote that has any."""
        costs, gain = one.costs, one.gain
        if costs is None or gain is None:
            return None
        return cls(
            cost=show_money(costs.cost),
            fee=show_money(costs.fee),
            discount=show_money(costs.discount),
            total=show_money(costs.total),
            gain=show_money(gain),
        )


@strawberry.federation.type(
    keys=["id"], description="A price that is kept for a member for fifteen minutes; used once."
)
class Quote(Node):
    """A quote."""

    shown: strawberry.Private[domain.Quote]
    kind: RedemptionKind
    face: Money
    total: Money = strawberry.field(description="The sum of the lines: what the member pays.")
    money_part: Money = strawberry.field(description="What of the total is paid in money.")
    points: Points | None = strawberry.field(description="The points that pay the rest.")
    points_worth: Money | None = strawberry.field(description="What of the total the points pay.")
    points_price: Points | None = strawberry.field(
        description="How many points pay all of it; null when points count for nothing now."
    )
    fx_rate: Decimal = strawberry.field(
        description="The rate from the supplier's currency that is kept; 1 when there is none."
    )
    quoted_at: datetime
    expires_at: datetime

    @strawberry.field(description="Exact lines that sum to the total.")
    def lines(self, info: Info) -> list[PriceLine]:
        """Show the lines that are not zero."""
        lines = self.shown.lines
        shown = [
            PricePart(PriceLineKind.FACE, lines.face),
            PricePart(PriceLineKind.MARGIN, lines.margin),
            PricePart(PriceLineKind.FEE, lines.fee),
            PricePart(PriceLineKind.DISCOUNT, lines.discount),
            PricePart(PriceLineKind.FX, lines.fx),
        ]
        kept = [one for one in shown if one.amount or one.kind is PriceLineKind.FACE]
        return show_lines(info.context, kept)

    @strawberry.field(
        description="The quote's signature, for its member: send it with placeRedemption, and"
        " nothing but this very quote is used."
    )
    def token(self, info: Info) -> str | None:
        """Show the signature to the member."""
        is_member = info.context.known_caller.kind is CallerKind.MEMBER
        return self.shown.signature if is_member else None

    @strawberry.field(
        description="What the network pays and keeps; null for members, and when nothing is bought."
    )
    def cost(self, info: Info) -> QuoteCost | None:
        """Show the costs to staff."""
        return QuoteCost.from_domain(self.shown) if is_staff(info.context) else None

    @strawberry.field(description="What it is for.")
    async def reward(self, info: Info) -> Reward | None:
        """Find the reward."""
        return await load_reward_of_record(info.context, self.shown.reward_id)

    @classmethod
    def from_domain(cls, network_id: int, one: domain.Quote) -> "Quote":
        """Show a quote."""
        part = one.points_part
        return cls(
            id=id_of("Quote", network_id, one.quote_id),
            shown=one,
            kind=one.kind,
            face=show_money(one.face),
            total=show_money(one.total),
            money_part=show_money(one.money_part),
            points=None if part is None else show_points(part.points),
            points_worth=None if part is None else show_money(part.worth),
            points_price=points_of(one.points_price),
            fx_rate=Decimal("1" if one.fx_rate is None else format(one.fx_rate.normalize(), "f")),
            quoted_at=one.quoted_at,
            expires_at=one.expires_at,
        )


@strawberry.federation.type(
    keys=["id"], description="Value that a member turned into a card or a seat."
)
class Redemption(Node):
    """A redemption."""

    shown: strawberry.Private[domain.Redemption]
    kind: RedemptionKind
    state: RedemptionState
    face: Money
    total: Money = strawberry.field(description="What the member pays.")
    money_part: Money = strawberry.field(description="What of the total is paid in money.")
    points: Points | None = strawberry.field(description="The points that pay the rest.")
    failure_code: str | None = strawberry.field(description="Why the supplier did not deliver.")
    placed_at: datetime
    ended_at: datetime | None

    @strawberry.field(description="What it is for.")
    async def reward(self, info: Info) -> Reward | None:
        """Find the reward."""
        return await load_reward_of_record(info.context, self.shown.reward_id)

    @strawberry.field(description="The price it was placed at.")
    async def quote(self, info: Info) -> Quote | None:
        """Find the quote."""
        found: Quote | None = await load_one(info.context, "Quote", self.shown.quote_id)
        return found

    @strawberry.field(description="Whose it is.")
    async def member(self, info: Info) -> Member | None:
        """Find the member."""
        found: Member | None = await load_one(info.context, "Member", self.shown.member_id)
        return found

    @strawberry.field(description="The codes that were delivered; show one with revealVoucher.")
    async def vouchers(self, info: Info) -> list[Voucher]:
        """Find the vouchers, together with those of other redemptions."""
        context: Context = info.context

        async def load(keys: list[UUID]) -> list[list[Voucher]]:
            async with context.reading() as db:
                found = await read_vouchers_of_redemptions(
                    db, network_id=context.network_id, redemption_ids=keys
                )
            return [
                [Voucher.from_domain(context.network_id, one) for one in found[key]] for key in keys
            ]

        loader = context.loader("Redemption.vouchers", load)
        ones: list[Voucher] = await loader.load(self.shown.redemption_id)
        return ones

    @strawberry.field(description="The card of the network's own that was got.")
    async def gift_card(self, info: Info) -> GiftCard | None:
        """Find the card."""
        found: GiftCard | None = await load_one(info.context, "GiftCard", self.shown.card_id)
        return found

    @strawberry.field(description="The seat that was booked.")
    async def booking(self, info: Info) -> Booking | None:
        """Find the booking."""
        found: Booking | None = await load_one(info.context, "Booking", self.shown.booking_id)
        return found

    @strawberry.field(description="What the supplier charged the network; null for members.")
    def charged(self, info: Info) -> Money | None:
        """Show the charge."""
        is_member = info.context.known_caller.kind is CallerKind.MEMBER
        charged = self.shown.charged
        return None if is_member or charged is None else show_money(charged)

    @strawberry.field(
        description="Why a supplier's card was bought where it was; null for members."
    )
    async def sourcing(self, info: Info) -> Sourcing | None:
        """Tell of the choice, together with those of other redemptions."""
        return await sourcing_of(info, self.shown)

    @classmethod
    def from_domain(cls, network_id: int, one: domain.Redemption) -> "Redemption":
        """Show a redemption."""
        return cls(
            id=id_of("Redemption", network_id, one.redemption_id),
            shown=one,
            kind=one.kind,
            state=one.state,
            face=show_money(one.face),
            total=show_money(one.total),
            money_part=show_money(one.money_part),
            points=points_of(one.points),
            failure_code=one.failure_code,
            placed_at=one.placed_at,
            ended_at=one.ended_at,
        )


@node_kind("Quote", allow=MEMBER | STAFF)
async def load_quotes(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Quote]:
    """Find quotes: a member's own, or all for the staff."""
    async with context.reading() as db:
        found = await domain.read_quotes(db, network_id=context.network_id, quote_ids=keys)
    return {
        key: Quote.from_domain(context.network_id, one)
        for key, one in found.items()
        if is_for(context, one.member_id, None)
    }


@node_kind("Redemption", allow=MEMBER | STAFF)
async def load_redemptions(context: Context, keys: Sequence[UUID]) -> Mapping[UUID, Redemption]:
    """Find redemptions: a member's own, or all for the staff."""
    async with context.reading() as db:
        found = await domain.read_redemptions(
            db, network_id=context.network_id, redemption_ids=keys
        )
    return {
        key: Redemption.from_domain(context.network_id, one)
        for key, one in found.items()
        if is_for(context, one.member_id, None)
    }


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which redemptions a list is about."""

    span: Span
    member_id: UUID | None


@strawberry.type(description="Redemptions of a period, the newest first.")
class RedemptionConnection(Connection[Redemption]):
    """A page of redemptions."""

    asked: strawberry.Private[_Asked]
    since: datetime
    until: datetime

    @strawberry.field(
        description="Of the whole period, without what failed or was cancelled, by currency."
    )
    async def totals(self, info: Info) -> list[Money]:
        """Sum the period."""
        context: Context = info.context
        async with context.reading() as db:
            sums = await domain.sum_redemptions(
                db,
                network_id=context.network_id,
                member_id=self.asked.member_id,
                since=self.asked.span.since,
                until=self.asked.span.until,
            )
        return [show_money(one) for one in sums]


def _cursor(page: Page) -> RedemptionCursor | None:
    if page.key is None:
        return None
    at, key = page.key
    placed_at = datetime.fromisoformat(at)
    if placed_at.tzinfo is None:
        raise ValueError("a cursor of another list")
    return RedemptionCursor(placed_at.astimezone(UTC), UUID(hex=key))


@strawberry.type
class Query:
    """Reading redemptions."""

    @query(allow=MEMBER | OPERATOR | FINANCE | AUDITOR)
    async def redemptions(
        self,
        info: Info,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        member_id: strawberry.ID | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> RedemptionConnection:
        """Redemptions of a period (31 days to now, if not given), the newest first."""
        context: Context = info.context
        named = owners_of(context, None, member_id).member_id
        own = context.known_caller.member_id
        asked = _Asked(span_of(context, since, until), named if own is None else own)

        async def read(page: Page) -> list[domain.Redemption]:
            cursor = _cursor(page)
            async with context.reading() as db:
                return await domain.list_redemptions(
                    db,
                    network_id=context.network_id,
                    since=asked.span.since,
                    until=asked.span.until,
                    member_id=asked.member_id,
                    after=cursor,
                    limit=page.rows_wanted,
                    backward=not page.is_backwards,
                )

        edges, page_info = await connect(
            page_of(first=first, after=after, last=last, before=before),
            read=read,
            key=lambda one: (one.placed_at.isoformat(), one.redemption_id.hex),
            show=lambda one: Redemption.from_domain(context.network_id, one),
        )
        return RedemptionConnection(
            edges=edges,
            page_info=page_info,
            asked=asked,
            since=asked.span.since,
            until=asked.span.until,
        )
