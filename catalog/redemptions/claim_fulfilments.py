"""Claiming redemptions that wait for a supplier."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.choose_next_source import NextSource, choose_next_source
from catalog.redemptions.give_back import give_back
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
from catalog.redemptions.queries import (
    get_quote,
    list_attempts,
    list_quote_sources,
    lock_free_redemption,
    read_attempts,
)
from catalog.redemptions.save_progress import save_progress
from catalog.redemptions.tables import redemption_attempt
from catalog.suppliers import get_supplier
from payouts.due import claim_due, clear_due
from payouts.halts import is_halted
from payouts.money import new_id


async def claim_fulfilments(
    db: AsyncConnection,
    *,
    network_id: int,
    connected: Collection[str] | None = None,
    limit: int,
    now: datetime,
) -> list[FulfilmentStep]:
    """Take due redemptions and write down what is about to be asked of their suppliers.

    One that is on order nowhere is to be ordered from its first supplier, or from the next after
    one that failed, under a key that is committed before it is used; when no supplier is left its
    value is given back. One that was being sent when its worker was lost has an unknown outcome.
    Every other is looked up, but for those that somebody is changing now: they are due again when
    the lease is over. While the network is halted so are those that are on order nowhere.
    `connected` names the suppliers that there is an account with; None: nobody knows.
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
            step = await _next_order(db, network_id, one, connected, now)
            steps += [] if step is None else [step]
        elif one.state in OPEN_AT_SUPPLIER:
            steps.append(await _look_up(db, network_id, one, now))
        else:
            await clear_due(db, network_id=network_id, kind=FULFIL_KIND, due_id=redemption_id)
    return steps


async def _next_order(
    db: AsyncConnection,
    network_id: int,
    one: Redemption,
    connected: Collection[str] | None,
    now: datetime,
) -> FulfilmentStep | None:
    ids = [one.redemption_id]
    quote = await get_quote(db, network_id=network_id, quote_id=one.quote_id)
    sources = await list_quote_sources(db, network_id=network_id, quotes=[quote])
    found = await list_attempts(db, network_id=network_id, redemption_ids=ids)
    attempts = found.get(one.redemption_id, [])
    choice = await choose_next_source(
        db,
        network_id=network_id,
        quote=quote,
        sources=sources[quote.quote_id],
        attempts=attempts,
        connected=connected,
        now=now,
    )
    if choice is None:
        code = attempts[-1].failure_code
        await give_back(db, network_id=network_id, one=one, code=code, now=now)
        return None
    await _add_attempt(db, network_id, one, choice, epoch=len(attempts) + 1, now=now)
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=one.redemption_id,
        state=RedemptionState.FULFILLING,
    )
    return await _step(db, network_id, one, Action.ORDER)


async def _add_attempt(
    db: AsyncConnection,
    network_id: int,
    one: Redemption,
    choice: NextSource,
    *,
    epoch: int,
    now: datetime,
) -> None:
    await db.execute(
        insert(redemption_attempt).values(
            network_id=network_id,
            attempt_id=new_id(now),
            redemption_id=one.redemption_id,
            epoch=epoch,
            supplier_id=choice.source.supplier_id,
            supplier_key=supplier_key_of(network_id, one.redemption_id, epoch),
            state=AttemptState.SENDING,
            sends=1,
            absences=0,
            other_references=[],
            claimed_at=now,
            source_id=choice.source.source_id,
            supplier_sku=choice.source.supplier_sku,
            cost=choice.cost.minor,
            cost_currency=choice.cost.currency,
            passed_over=[passed.as_row() for passed in choice.passed_over],
        )
    )


async def _look_up(
    db: AsyncConnection, network_id: int, one: Redemption, now: datetime
) -> FulfilmentStep:
    attempts = await read_attempts(db, network_id=network_id, redemption_ids=[one.redemption_id])
    attempt = attempts[one.redemption_id]
    if attempt.state is AttemptState.SENDING:
        await save_progress(
            db,
            network_id=network_id,
            redemption_id=one.redemption_id,
            state=RedemptionState.UNKNOWN,
            attempt_id=attempt.attempt_id,
            attempt={
                "state": AttemptState.UNKNOWN,
                "unknown_at": attempt.unknown_at or now,
                "remark": "lost while it was being sent",
            },
        )
    return await _step(db, network_id, one, Action.LOOK_UP)


async def _step(
    db: AsyncConnection, network_id: int, one: Redemption, action: Action
) -> FulfilmentStep:
    ids: list[UUID] = [one.redemption_id]
    attempt = (await read_attempts(db, network_id=network_id, redemption_ids=ids))[ids[0]]
    quote = await get_quote(db, network_id=network_id, quote_id=one.quote_id)
    supplier = await get_supplier(db, network_id=network_id, supplier_id=attempt.supplier_id)
    supplier_sku = attempt.supplier_sku or quote.supplier_sku
    assert supplier_sku is not None
    return FulfilmentStep(
        redemption_id=one.redemption_id,
        action=action,
        supplier_name=supplier.name,
        supplier_key=attempt.supplier_key,
        supplier_sku=supplier_sku,
        face=quote.face,
        sends=attempt.sends,
        claimed_at=attempt.claimed_at,
        epoch=attempt.epoch,
    )
