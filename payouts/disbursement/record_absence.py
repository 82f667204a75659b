"""Recording that an attempt was looked up and not found."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_attempt import change_attempt
from payouts.disbursement.model import (
    AttemptState,
    Leg,
    PayoutState,
    Reason,
    backoff,
    is_proven_absent,
)
from payouts.disbursement.move_payout import move_payout
from payouts.disbursement.queries import lock_attempt
from payouts.due import announce_due, clear_due

_BEFORE = {
    Leg.TRANSFER: PayoutState.SCHEDULED,
    Leg.PAYOUT: PayoutState.TRANSFERRED,
    Leg.REVERSAL: PayoutState.RETURNING,
}


async def record_absence(
    db: AsyncConnection, *, network_id: int, attempt_id: UUID, now: datetime
) -> None:
    """Write down that the provider does not know an attempt.

    After several look-ups, and long enough after it was last sent, it is dead and a new attempt
    with a new key may follow; before that it is looked up again.
    """
    found = await lock_attempt(db, network_id=network_id, attempt_id=attempt_id)
    if found is None or found[1].state is not AttemptState.UNKNOWN:
        return
    payout, attempt = found
    lookups = attempt.lookups + 1
    is_dead = is_proven_absent(lookups=lookups, sent_at=attempt.sent_at, now=now)
    await change_attempt(
        db,
        network_id=network_id,
        attempt=attempt,
        state=AttemptState.FAILED_RETRYABLE if is_dead else AttemptState.UNKNOWN,
        now=now,
        lookups=lookups,
    )
    if not is_dead:
        wait = min(backoff(lookups), timedelta(seconds=30))
        await announce_due(
            db,
            network_id=network_id,
            kind="payout.resolve",
            due_id=payout.payout_id,
            due_at=now + wait,
        )
        return
    await clear_due(db, network_id=network_id, kind="payout.resolve", due_id=payout.payout_id)
    await move_payout(
        db,
        network_id=network_id,
        payout=payout,
        to=_BEFORE[attempt.leg],
        now=now,
        reason=Reason.UNKNOWN_OUTCOME.value,
    )
    await announce_due(
        db, network_id=network_id, kind="payout.submit", due_id=payout.payout_id, due_at=now
    )
