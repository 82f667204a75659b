"""Approving what becomes of a mistaken order."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.errors import (
    MistakenOrderEnded,
    OrderResolutionOutdated,
    OrderResolverApproves,
)
from catalog.redemptions.journals import mistaken_order_journal
from catalog.redemptions.list_mistaken_orders import list_mistaken_orders
from catalog.redemptions.lock_mistaken_order import lock_mistaken_order
from catalog.redemptions.mistaken_order import (
    LOST_CODE,
    MistakenOrder,
    MistakenOrderKind,
    MistakenOrderState,
    OrderResolution,
)
from catalog.redemptions.queries import list_attempts, lock_redemption
from catalog.redemptions.record_refusal import record_refusal
from catalog.redemptions.refuse_known_reference import refuse_known_reference
from catalog.redemptions.save_progress import save_progress
from catalog.redemptions.tables import mistaken_order, mistaken_order_resolution
from payouts.ledger import post_journal


async def approve_mistaken_order(
    db: AsyncConnection,
    *,
    network_id: int,
    mistaken_order_id: UUID,
    number: int,
    actor: str,
    now: datetime,
) -> MistakenOrder:
    """End a mistaken order as somebody else proposed, and book what it costs or brings back.

    A lost one is given up: the next supplier's turn, if there is one, else the member's value is
    free again. `number` is that of the proposal that was looked at; one that took its place since
    is not agreed to. Raises MistakenOrderNotFound, MistakenOrderEnded, OrderResolutionOutdated,
    OrderResolverApproves, OrderReferenceTaken.
    """
    one = await lock_mistaken_order(db, network_id=network_id, mistaken_order_id=mistaken_order_id)
    proposal = one.proposed
    if not one.may_end_otherwise:
        raise MistakenOrderEnded(state=one.state.value)
    if proposal is None or proposal.number != number:
        raise OrderResolutionOutdated
    if proposal.proposed_by == actor:
        raise OrderResolverApproves
    await refuse_known_reference(
        db,
        network_id=network_id,
        supplier_id=one.supplier_id,
        reference=proposal.reference,
        except_for=mistaken_order_id,
    )
    journal_id = None
    draft = mistaken_order_journal(one, proposal, actor=actor, now=now)
    if draft is not None:
        posted = await post_journal(db, network_id=network_id, draft=draft, now=now)
        journal_id = posted.journal_id
    await _end(db, network_id, one, proposal, journal_id, actor=actor, now=now)
    if one.kind is MistakenOrderKind.LOST and one.state is MistakenOrderState.OPEN:
        # After it has ended so: what ends an order still on the list takes it off as settled.
        await _give_up(db, network_id, one, proposal, now)
    (ended,) = await list_mistaken_orders(
        db, network_id=network_id, mistaken_order_ids=[mistaken_order_id], limit=1
    )
    return ended


async def _give_up(
    db: AsyncConnection,
    network_id: int,
    one: MistakenOrder,
    proposal: OrderResolution,
    now: datetime,
) -> None:
    """End our order at its supplier as one that it refused."""
    ids = [one.redemption_id]
    redemption = await lock_redemption(db, network_id=network_id, redemption_id=one.redemption_id)
    attempt = (await list_attempts(db, network_id=network_id, redemption_ids=ids))[ids[0]][-1]
    assert attempt.attempt_id == one.attempt_id, "what is lost is what is on order"
    others = [*attempt.other_references]
    if proposal.reference not in (attempt.supplier_reference, *others):
        others.append(proposal.reference)
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=one.redemption_id,
        state=redemption.state,
        attempt_id=attempt.attempt_id,
        attempt={"other_references": others},
    )
    is_ended = await record_refusal(
        db,
        network_id=network_id,
        redemption_id=one.redemption_id,
        epoch=attempt.epoch,
        sends=attempt.sends,
        code=LOST_CODE,
        remark=proposal.remark,
        now=now,
    )
    assert is_ended, "what is lost is still on order"


async def _end(
    db: AsyncConnection,
    network_id: int,
    one: MistakenOrder,
    proposal: OrderResolution,
    journal_id: UUID | None,
    *,
    actor: str,
    now: datetime,
) -> None:
    await db.execute(
        update(mistaken_order_resolution)
        .where(
            mistaken_order_resolution.c.network_id == network_id,
            mistaken_order_resolution.c.resolution_id == proposal.resolution_id,
        )
        .values(approved_by=actor, approved_at=now, journal_id=journal_id)
    )
    await db.execute(
        update(mistaken_order)
        .where(
            mistaken_order.c.network_id == network_id,
            mistaken_order.c.mistaken_order_id == one.mistaken_order_id,
        )
        .values(state=proposal.outcome, reference=proposal.reference, ended_at=now)
    )
