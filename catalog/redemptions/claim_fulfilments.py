"""Claiming redemptions that wait for a supplier."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import (
    FULFIL_KIND,
    LEASE_SECONDS,
    OPEN_AT_SUPPLIER,
    Action,
    AttemptState,
    FulfilmentStep,
    Redemption,
    RedemptionState,
    supplier_key_of,
)
from catalog.redemptions.queries import get_quote, lock_free_redemption, read_attempts
from catalog.redemptions.save_progress import save_progress
from catalog.redemptions.tables import redemption_attempt
from catalog.suppliers import get_supplier
from payouts.due import claim_due, clear_due
from payouts.halts import is_halted
from payouts.money import new_id

EPOCH = 1


async def claim_fulfilments(
    db: AsyncConnection, *, network_id: int, limit: int, now: datetime
) -> list[FulfilmentStep]:
    """Take due redemptions and write down what is about to be asked of their suppliers.

    One that was never sent is to be ordered, under a key that is committed before it is used. One
    that was being sent when its worker was lost has an unknown outcome. Every other is looked up,
    but for those that somebody is changing now: they are due again when the lease is over. While
    the network is halted so are those that were never sent.
    """
    due_ids = await claim_due(
        db,
        network_id=network_id,
        kind=FULFIL_KIND,
        limit=limit,
        lease_seconds=LEASE_SECONDS,
        now=now,
    )
    steps = []
    may_order = not await is_halted(db, network_id=network_id)
    for redemption_id in sorted(due_ids):
        # Whoever records an answer locks the redemption before its due row: here nobody waits.
        one = await lock_free_redemption(db, network_id=network_id, redemption_id=redemption_id)
        if one is None:
            continue
        if one.state is RedemptionState.PLACED:
            if not may_order:
                continue
            steps.append(await _first_order(db, network_id, one, now))
        elif one.state in OPEN_AT_SUPPLIER:
            steps.append(await _look_up(db, network_id, one))
        else:
            await clear_due(db, network_id=network_id, kind=FULFIL_KIND, due_id=redemption_id)
    return steps


async def _first_order(
    db: AsyncConnection, network_id: int, one: Redemption, now: datetime
) -> FulfilmentStep:
    quote = await get_quote(db, network_id=network_id, quote_id=one.quote_id)
    assert quote.supplier_id is not None
    await db.execute(
        insert(redemption_attempt).values(
            network_id=network_id,
            attempt_id=new_id(now),
            redemption_id=one.redemption_id,
            epoch=EPOCH,
            supplier_id=quote.supplier_id,
            supplier_key=supplier_key_of(network_id, one.redemption_id, EPOCH),
            state=AttemptState.SENDING,
            sends=1,
            absences=0,
            other_references=[],
            claimed_at=now,
        )
    )
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=one.redemption_id,
        state=RedemptionState.FULFILLING,
    )
    return await _step(db, network_id, one, Action.ORDER)


async def _look_up(db: AsyncConnection, network_id: int, one: Redemption) -> FulfilmentStep:
    attempts = await read_attempts(db, network_id=network_id, redemption_ids=[one.redemption_id])
    if attempts[one.redemption_id].state is AttemptState.SENDING:
        await save_progress(
            db,
            network_id=network_id,
            redemption_id=one.redemption_id,
            state=RedemptionState.UNKNOWN,
            attempt={"state": AttemptState.UNKNOWN, "remark": "lost while it was being sent"},
        )
    return await _step(db, network_id, one, Action.LOOK_UP)


async def _step(
    db: AsyncConnection, network_id: int, one: Redemption, action: Action
) -> FulfilmentStep:
    ids: list[UUID] = [one.redemption_id]
    attempt = (await read_attempts(db, network_id=network_id, redemption_ids=ids))[ids[0]]
    quote = await get_quote(db, network_id=network_id, quote_id=one.quote_id)
    assert quote.supplier_sku is not None
    supplier = await get_supplier(db, network_id=network_id, supplier_id=attempt.supplier_id)
    return FulfilmentStep(
        redemption_id=one.redemption_id,
        action=action,
        supplier_name=supplier.name,
        supplier_key=attempt.supplier_key,
        supplier_sku=quote.supplier_sku,
        face=quote.face,
        sends=attempt.sends,
        claimed_at=attempt.claimed_at,
    )
