"""Approving a settlement cycle."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import CollectionState, PayoutState
from payouts.disbursement.queries import find_payee_of
from payouts.disbursement.tables import collection, payout
from payouts.due import announce_due
from payouts.halts import refuse_halted
from payouts.money import Money, new_id
from payouts.reserves import withhold_reserves
from payouts.settlement import Outcome, SettlementCycle, Statement, post_settlement_cycle


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

    `result_hash` is that of what the approver has seen. Raises SettlementCycleNotFound,
    SettlementCycleNotInReview, ApproverIsMaker, ReviewOpen, ContentChanged, StatementAltered,
    Halted.
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
    withheld = await withhold_reserves(
        db, network_id=network_id, statements=statements, actor=actor, now=now
    )
    for one in statements:
        if one.outcome is Outcome.PAY:
            nothing = Money.zero(one.currency)
            amount = -one.to_settle - withheld.get(one.partner_id, nothing)
            await _order_payout(db, network_id, cycle, one, amount, now)
        else:
            await _order_collection(db, network_id, one, now)
    return cycle


async def _order_payout(
    db: AsyncConnection,
    network_id: int,
    cycle: SettlementCycle,
    one: Statement,
    amount: Money,
    now: datetime,
) -> None:
    payee = await find_payee_of(db, network_id=network_id, partner_id=one.partner_id)
    payout_id = new_id(now)
    made = await db.execute(
        insert(payout)
        .values(
            network_id=network_id,
            payout_id=payout_id,
            kind="settlement",
            partner_id=one.partner_id,
            cycle_id=one.cycle_id,
            amount=amount.minor,
            currency=one.currency,
            state=PayoutState.SCHEDULED.value,
            round=1,
            taken=0,
            destination_hash=payee.destination_hash if payee else None,
            requested_by=cycle.closed_by,
            approved_by=cycle.approved_by,
            created_at=now,
            changed_at=now,
        )
        .on_conflict_do_nothing()
    )
    if made.rowcount:
        await announce_due(
            db, network_id=network_id, kind="payout.submit", due_id=payout_id, due_at=now
        )


async def _order_collection(
    db: AsyncConnection, network_id: int, one: Statement, now: datetime
) -> None:
    collection_id = new_id(now)
    made = await db.execute(
        insert(collection)
        .values(
            network_id=network_id,
            collection_id=collection_id,
            cycle_id=one.cycle_id,
            partner_id=one.partner_id,
            amount=one.to_settle.minor,
            currency=one.currency,
            state=CollectionState.SCHEDULED.value,
            created_at=now,
            changed_at=now,
        )
        .on_conflict_do_nothing()
    )
    if made.rowcount:
        await announce_due(
            db, network_id=network_id, kind="collection.submit", due_id=collection_id, due_at=now
        )
