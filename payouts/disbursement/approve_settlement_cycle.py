"""Approving a settlement cycle."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import CollectionState, PayoutState
from payouts.disbursement.tables import collection, payee, payout
from payouts.due import announce_all_due
from payouts.halts import refuse_halted
from payouts.money import Money, new_id
from payouts.reserves import withhold_reserves
from payouts.settlement import (
    CycleState,
    Outcome,
    SettlementCycle,
    Statement,
    post_settlement_cycle,
)


async def approve_settlement_cycle(
    db: AsyncConnection,
    *,
    network_id: int,
    cycle_id: UUID,
    actor: str,
    now: datetime,
    result_hash: str | None = None,
) -> SettlementCycle:
    """Book a cycle in review and order what it comes to: a payout per creditor, a collection
    per debtor, each once. What is held back as a reserve is not paid.

    The first of two approvals is recorded, and nothing is booked or ordered by it. `result_hash` is
    that of what the approver has seen. Raises SettlementCycleNotFound, SettlementCycleNotInReview,
    ApproverIsMaker, AlreadyApproved, ReviewOpen, ContentChanged, StatementAltered, Halted.
    """
    cycle, statements = await post_settlement_cycle(
        db,
        network_id=network_id,
        cycle_id=cycle_id,
        actor=actor,
        now=now,
        result_hash=result_hash,
    )
    await refuse_halted(db, network_id=network_id)
    if cycle.state is CycleState.IN_REVIEW:  # another person is to approve it too
        return cycle
    withheld = await withhold_reserves(
        db, network_id=network_id, statements=statements, actor=actor, now=now
    )
    amounts = {
        one.partner_id: -one.to_settle - withheld.get(one.partner_id, Money.zero(one.currency))
        for one in statements
        if one.outcome is Outcome.PAY
    }
    await _order_payouts(db, network_id, cycle, amounts, now)
    debits = [one for one in statements if one.outcome is not Outcome.PAY]
    await _order_collections(db, network_id, debits, now)
    return cycle


async def _order_payouts(
    db: AsyncConnection,
    network_id: int,
    cycle: SettlementCycle,
    amounts: Mapping[UUID, Money],
    now: datetime,
) -> None:
    if not amounts:
        return
    payees = await db.execute(
        select(payee.c.partner_id, payee.c.destination_hash).where(
            payee.c.network_id == network_id, payee.c.partner_id.in_(amounts)
        )
    )
    destinations = {row.partner_id: row.destination_hash for row in payees}
    made = await db.execute(
        insert(payout).on_conflict_do_nothing().returning(payout.c.payout_id),
        [
            {
                "network_id": network_id,
                "payout_id": new_id(now),
                "kind": "settlement",
                "partner_id": partner_id,
                "cycle_id": cycle.cycle_id,
                "amount": amount.minor,
                "currency": amount.currency,
                "state": PayoutState.SCHEDULED.value,
                "round": 1,
                "taken": 0,
                "destination_hash": destinations.get(partner_id),
                "requested_by": cycle.closed_by,
                "approved_by": cycle.approved_by,
                "created_at": now,
                "changed_at": now,
            }
            for partner_id, amount in amounts.items()
        ],
    )
    due = [(payout_id, now) for payout_id in made.scalars()]
    await announce_all_due(db, network_id=network_id, kind="payout.submit", due=due)


async def _order_collections(
    db: AsyncConnection, network_id: int, statements: Sequence[Statement], now: datetime
) -> None:
    if not statements:
        return
    made = await db.execute(
        insert(collection).on_conflict_do_nothing().returning(collection.c.collection_id),
        [
            {
                "network_id": network_id,
                "collection_id": new_id(now),
                "cycle_id": one.cycle_id,
                "partner_id": one.partner_id,
                "amount": one.to_settle.minor,
                "currency": one.currency,
                "state": CollectionState.SCHEDULED.value,
                "created_at": now,
                "changed_at": now,
            }
            for one in statements
        ],
    )
    due = [(collection_id, now) for collection_id in made.scalars()]
    await announce_all_due(db, network_id=network_id, kind="collection.submit", due=due)
