"""The terms of settlement: when windows end, and what is worth paying."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.mutation import perform
from api.graphql.nodes import Node, id_of, node_kind
from api.graphql.permissions import OPERATOR, STAFF, Payload, mutation
from api.graphql.scalars import CurrencyCode, Money, MoneyInput, show_money
from payouts import settlement

strawberry.enum(
    settlement.Every,
    name="SettlementWindow",
    description="How long a settlement window is.",
)


@strawberry.federation.type(
    keys=["id"], description="When the settlement windows of a currency end, and what follows."
)
class SettlementCalendar(Node):
    """A settlement calendar."""

    currency: CurrencyCode
    every: settlement.Every
    week_start: int = strawberry.field(description="1 is Monday, as in ISO 8601.")
    cut_time: time = strawberry.field(description="In the network's time zone.")
    review_days: int = strawberry.field(description="How long a cycle may be disputed.")
    value_days: int = strawberry.field(description="Working days from the cut to the value date.")
    weekend: list[int]
    holidays: list[date] = strawberry.field(
        description="Days on which banks do not work; they move the value date, never the cut."
    )
    published_by: str
    published_at: datetime


@node_kind("SettlementCalendar", allow=STAFF)
async def load_calendars(context: Context, keys: Sequence[UUID]) -> dict[UUID, SettlementCalendar]:
    """Find settlement calendars."""
    async with context.reading() as db:
        found = await settlement.read_calendars(
            db, network_id=context.network_id, calendar_ids=keys
        )
    return {
        key: SettlementCalendar(
            id=id_of("SettlementCalendar", context.network_id, key),
            currency=CurrencyCode(one.currency),
            every=one.every,
            week_start=one.week_start,
            cut_time=one.cut_time,
            review_days=one.review_days,
            value_days=one.value_days,
            weekend=list(one.weekend),
            holidays=sorted(one.holidays),
            published_by=one.published_by,
            published_at=one.published_at,
        )
        for key, one in found.items()
    }


@strawberry.input
class PublishSettlementCalendarInput:
    """Weekdays are those of ISO 8601: Monday is 1."""

    idempotency_key: str
    currency: CurrencyCode
    every: settlement.Every
    cut_time: time
    week_start: int = 1
    review_days: int = 0
    value_days: int = 1
    weekend: list[int] = strawberry.field(default_factory=lambda: [6, 7])
    holidays: list[date] = strawberry.field(default_factory=list)


@strawberry.type
class PublishSettlementCalendarPayload(Payload):
    """The settlement calendar, or why there is none."""

    settlement_calendar: SettlementCalendar | None = None


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
    second_approval_above: Money | None = strawberry.field(
        description="A settlement cycle that pays and collects more than this takes two approvers."
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
            second_approval_above=(
                None if one.second_approval_above is None else show_money(one.second_approval_above)
            ),
            published_by=one.published_by,
            published_at=one.published_at,
        )
        for key, one in found.items()
    }


@strawberry.input
class PublishPayoutPolicyInput:
    """All amounts are of the currency that the policy is for."""

    idempotency_key: str
    approval_above: MoneyInput
    minimum: MoneyInput
    first_payout_cap: MoneyInput | None = strawberry.field(
        default=None,
        description="The most that goes first to a new destination before a checker releases it;"
        " the approval limit, if not given.",
    )
    second_approval_above: MoneyInput | None = strawberry.field(
        default=None,
        description="A settlement cycle that pays and collects more than this takes two approvers;"
        " if not given, one is enough for all.",
    )


@strawberry.type
class PublishPayoutPolicyPayload(Payload):
    """The payout policy, or why there is none."""

    payout_policy: PayoutPolicy | None = None


@strawberry.type
class Mutation:
    """Publishing the terms."""

    @mutation(allow=OPERATOR)
    async def publish_settlement_calendar(
        self,
        info: Info,
        input: PublishSettlementCalendarInput,  # noqa: A002
    ) -> PublishSettlementCalendarPayload:
        """Put a calendar of one currency into force for all windows that are not closed yet."""
        context: Context = info.context

        async def work(db: AsyncConnection) -> dict[str, UUID]:
            made = await settlement.publish_settlement_calendar(
                db,
                network_id=context.network_id,
                currency=input.currency,
                every=input.every,
                week_start=input.week_start,
                cut_time=input.cut_time,
                review_days=input.review_days,
                value_days=input.value_days,
                weekend=input.weekend,
                holidays=input.holidays,
                actor=context.known_caller.identity,
                now=context.now,
            )
            return {"settlement_calendar": made.calendar_id}

        done = await perform(info, mutation="publishSettlementCalendar", input=input, work=work)
        calendar: Any = await done.load(info, "SettlementCalendar", "settlement_calendar")
        return PublishSettlementCalendarPayload(
            settlement_calendar=calendar, problems=done.problems, replayed=done.replayed
        )

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
                second_approval_above=(
                    input.second_approval_above.amount("secondApprovalAbove")
                    if input.second_approval_above
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
