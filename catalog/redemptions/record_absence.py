"""Recording that a supplier knows no order."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.redemptions.model import (
    ABSENCE_GAP,
    FULFIL_KIND,
    LEASE_SECONDS,
    OPEN_AT_SUPPLIER,
    Action,
    Attempt,
    AttemptState,
    FulfilmentStep,
    RedemptionState,
    pause_after,
)
from catalog.redemptions.note_mistaken_order import note_mistaken_order
from catalog.redemptions.queries import lock_redemption, read_attempts
from catalog.redemptions.save_progress import save_progress
from catalog.redemptions.settle_mistaken_order import settle_mistaken_order
from payouts.due import announce_due
from payouts.halts import HALT_WAIT, is_halted

NOT_FOUND = "the supplier took it, and does not find it under our key"


async def record_absence(
    db: AsyncConnection, *, network_id: int, step: FulfilmentStep, now: datetime
) -> FulfilmentStep | None:
    """Note that a look-up found nothing; the order to send again once that is certain.

    It is certain when the supplier had taken nothing, or when an unanswered order was absent
    twice, long enough apart. The key stays the same, so that a late order of the first sending
    would be found beside the second. An order that the supplier once confirmed is never sent
    again: it is lost, and for people to look at. None is sent while the network is halted.
    """
    redemption_id = step.redemption_id
    one = await lock_redemption(db, network_id=network_id, redemption_id=redemption_id)
    attempts = await read_attempts(db, network_id=network_id, redemption_ids=[redemption_id])
    attempt = attempts[redemption_id]
    asked = (step.epoch, step.sends)
    if one.state not in OPEN_AT_SUPPLIER or (attempt.epoch, attempt.sends) != asked:
        return None
    if attempt.may_be_sent_again(now):
        return await _send_again(db, network_id, step, attempt, now)
    first = attempt.first_absent_at or now
    # What was never heard of is wanted soon again; what was confirmed may stay away for long.
    is_unknown = attempt.state is AttemptState.UNKNOWN
    since = now if is_unknown else attempt.claimed_at
    reason = {} if is_unknown else {"remark": NOT_FOUND}
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=redemption_id,
        state=one.state,
        attempt_id=attempt.attempt_id,
        attempt={"absences": attempt.absences + 1, "first_absent_at": first, **reason},
    )
    if attempt.is_absent(now):
        await note_mistaken_order(db, network_id=network_id, attempt=attempt, now=now)
    due_at = max(first + ABSENCE_GAP, now + pause_after(since, now))
    await _wait(db, network_id, step, due_at)
    return None


async def _send_again(
    db: AsyncConnection, network_id: int, step: FulfilmentStep, attempt: Attempt, now: datetime
) -> FulfilmentStep | None:
    if await is_halted(db, network_id=network_id):
        await _wait(db, network_id, step, now + HALT_WAIT)
        return None
    sends = attempt.sends + 1
    await settle_mistaken_order(db, network_id=network_id, attempt=attempt, now=now)
    await save_progress(
        db,
        network_id=network_id,
        redemption_id=step.redemption_id,
        state=RedemptionState.FULFILLING,
        attempt_id=attempt.attempt_id,
        attempt={
            "state": AttemptState.SENDING,
            "sends": sends,
            "absences": 0,
            "first_absent_at": None,
        },
    )
    await _wait(db, network_id, step, now + timedelta(seconds=LEASE_SECONDS))
    return replace(step, action=Action.ORDER, sends=sends)


async def _wait(
    db: AsyncConnection, network_id: int, step: FulfilmentStep, due_at: datetime
) -> None:
    await announce_due(
        db, network_id=network_id, kind=FULFIL_KIND, due_id=step.redemption_id, due_at=due_at
    )
