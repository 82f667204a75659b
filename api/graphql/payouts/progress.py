"""How far settlement cycles have come, to be read or followed."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from api.graphql.context import Context
from api.graphql.nodes import id_of
from api.graphql.payouts.pages import key_or_none
from api.graphql.permissions import STAFF, subscription
from api.graphql.scalars import Money, show_money
from api.progress_desk import TooManyWatches
from payouts import disbursement, settlement

strawberry.enum(
    settlement.CycleState,
    name="SettlementCycleState",
    description="Where a settlement cycle stands.",
)
strawberry.enum(
    disbursement.OrderKind,
    name="SettlementOrderKind",
    description="Whether an order of a cycle pays a partner or debits it.",
)


@strawberry.type(description="The statements of a cycle with one outcome, in one currency.")
class StatementProgress:
    """A count of statements."""

    outcome: settlement.Outcome = strawberry.field(description="What becomes of their nets.")
    count: int
    net: Money = strawberry.field(description="Positive is owed by partners.")


@strawberry.type(description="The payouts of a cycle in one state, for one reason, in a currency.")
class PayoutProgress:
    """A count of payouts."""

    state: disbursement.PayoutState
    reason: str | None
    count: int
    amount: Money


@strawberry.type(description="The debits of a cycle in one state, for one reason, in a currency.")
class CollectionProgress:
    """A count of collections."""

    state: disbursement.CollectionState
    reason: str | None
    count: int
    amount: Money


@strawberry.type(description="Orders of a cycle that did not arrive, for one reason.")
class WaitingOrders:
    """What waits."""

    kind: disbursement.OrderKind
    reason: str = strawberry.field(description="The code that their payouts or collections show.")
    count: int
    amount: Money
    since: datetime = strawberry.field(description="When the oldest of them was ordered.")


@strawberry.type(description="What a cycle pays and collects in one currency.")
class SettlementMoney:
    """Money of a cycle."""

    to_pay: Money = strawberry.field(description="What its statements say is paid.")
    paid: Money = strawberry.field(description="What of it arrived.")
    to_collect: Money = strawberry.field(description="What its statements say is collected.")
    collected: Money = strawberry.field(description="What of it arrived.")


@strawberry.type(description="How far a settlement cycle has come, counted when it is asked for.")
class SettlementProgress:
    """The progress of a cycle."""

    settlement_cycle_id: strawberry.ID
    state: settlement.CycleState
    version: int = strawberry.field(description="Counts how often its statements were issued.")
    statements_count: int
    statements: list[StatementProgress]
    payouts: list[PayoutProgress]
    collections: list[CollectionProgress]
    waiting: list[WaitingOrders] = strawberry.field(
        description="What did not arrive yet and why; failed and returned orders wait for staff."
    )
    money: list[SettlementMoney] = strawberry.field(description="By currency.")

    @classmethod
    def from_domain(cls, network_id: int, one: disbursement.CycleProgress) -> "SettlementProgress":
        """Show the progress of a cycle."""
        return cls(
            settlement_cycle_id=id_of("SettlementCycle", network_id, one.issued.cycle_id),
            state=one.state,
            version=one.issued.version,
            statements_count=one.issued.count,
            statements=[
                StatementProgress(outcome=it.outcome, count=it.count, net=show_money(it.net))
                for it in one.issued.counts
            ],
            payouts=[
                PayoutProgress(
                    state=disbursement.PayoutState(it.state),
                    reason=it.reason,
                    count=it.count,
                    amount=show_money(it.amount),
                )
                for it in one.of(disbursement.OrderKind.PAYOUT)
            ],
            collections=[
                CollectionProgress(
                    state=disbursement.CollectionState(it.state),
                    reason=it.reason,
                    count=it.count,
                    amount=show_money(it.amount),
                )
                for it in one.of(disbursement.OrderKind.COLLECTION)
            ],
            waiting=[_waiting(it) for it in one.waiting],
            money=[_money(it) for it in one.money],
        )


def _waiting(one: disbursement.OrderCount) -> WaitingOrders:
    return WaitingOrders(
        kind=one.kind,
        reason=one.reason or "",
        count=one.count,
        amount=show_money(one.amount),
        since=one.since,
    )


def _money(one: disbursement.MoneyProgress) -> SettlementMoney:
    return SettlementMoney(
        to_pay=show_money(one.to_pay),
        paid=show_money(one.paid),
        to_collect=show_money(one.to_collect),
        collected=show_money(one.collected),
    )


async def load_progress(context: Context, cycle_id: UUID) -> SettlementProgress:
    """Count how far a cycle of the caller's network has come, together with others asked for."""

    async def load(keys: list[UUID]) -> list[SettlementProgress]:
        async with context.reading() as db:
            found = await disbursement.read_cycle_progress(
                db, network_id=context.network_id, cycle_ids=keys
            )
        return [SettlementProgress.from_domain(context.network_id, found[key]) for key in keys]

    one: SettlementProgress = await context.loader("SettlementCycle.progress", load).load(cycle_id)
    return one


def _not_found() -> GraphQLError:
    # One answer for a foreign cycle and for none.
    return GraphQLError("There is no such settlement cycle.", extensions={"code": "NOT_FOUND"})


@strawberry.type
class Subscription:
    """Following settlement cycles."""

    @subscription(allow=STAFF)
    async def settlement_progress(
        self, info: Info, settlement_cycle_id: strawberry.ID
    ) -> AsyncGenerator[SettlementProgress]:
        """How far a settlement cycle has come: at once, and each change within two seconds, until
        the cycle is settled or abandoned. At most 20 at a time for one caller.
        """
        context: Context = info.context
        network_id = context.network_id
        key = key_or_none(context, settlement_cycle_id, "SettlementCycle")
        if key is None:
            raise _not_found()
        looker = f"{network_id}:{context.known_caller.identity}"
        is_there = False
        try:
            async with aclosing(
                context.progress_desk.watch(network_id, key, looker=looker)
            ) as changes:
                async for one in changes:
                    is_there = True
                    yield SettlementProgress.from_domain(network_id, one)
        except TooManyWatches:
            raise GraphQLError(
                "Too many settlement cycles are being followed; end one of them first.",
                extensions={"code": "TOO_MANY_SUBSCRIPTIONS"},
            ) from None
        if not is_there:
            raise _not_found()
