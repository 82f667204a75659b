"""Recording that a supplier knows no order."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import (
    ABSENCE_GAP,
    FULFIL_KIND,
    LEASE_SECONDS,
    OPEN_AT_SUPPLIER,
    Action,
    AttemptState,
    FulfilmentStep,
    RedemptionState,
    pause_after,
)
from catalog.redemptions.queries import lock_redemption, read_attempts
from catalog.redemptions.save_progress import save_progress
from payouts.due import announce_due


async def record_absence(
    db: AsyncConnection, *, network_id: int, step: FulfilmentStep, now: datetime
) -> FulfilmentStep | None:
    """Note that a look-up found nothing; the order to send again once that is certain.

    It is certain when the supplier had taken nothing, or when an unanswered order was absent
    twice, long enough apart. The key stays the same, so that a late order of the first sending
    would be found beside the second. An order that the supplier once confirmed is never sent
    again.
    """
    redemption_id = step.redemption_id
    one = await lock_redemption(db, network_id=network_id, redemption_id=redemption_id)
    attempts = await read_attempts(db, network_id=network_id, redemption_ids=[redemption_id])
    attempt = attempts[redemption_id]
    if one.state not in OPEN_AT_SUPPLIER or attempt.sends != step.sends:
        return None
    if attempt.may_be_sent_again(now):
        await save_progress(
            db,
            network_id=network_id,
            redemption_id=redemption_id,
            state=RedemptionState.FULFILLING,
            attempt={
                "state": AttemptState.SENDING,
                "sends": attempt.sends + 1,
                "absences": 0,
                "first_absent_at": None,
            },
        )
        await announce_due(
            db,
            network_id=network_id,
            kind=FULFIL_KIND,
            due_id=redemption_id,
            due_at=now + timedelta(seconds=LEASE_SECONDS),
        )
        return FulfilmentStep(
            redemption_id=redemption_id,
            action=Action.ORDER,
            supplier_name=step.supplier_name,
            supplier_key=step.supplier_key,
            supplier_sku=step.supplier_sku,
            face=step.face,
            sends=attempt.sends + 1,
            claimed_at=step.claimed_at,
        )
    first = attempt.first_absent_at or now
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=redemption_id,
        state=one.state,
        attempt={"absences": attempt.absences + 1, "first_absent_at": first},
    )
    due_at = max(first + ABSENCE_GAP, now + pause_after(now, now))
    await announce_due(
        db, network_id=network_id, kind=FULFIL_KIND, due_id=redemption_id, due_at=due_at
    )
    return None
