"""Finishing the return of a payout."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_attempt import change_attempt
from payouts.disbursement.model import LIVE, AttemptState, Leg, Payout, PayoutState, Reason
from payouts.disbursement.move_payout import move_payout
from payouts.disbursement.queries import list_attempts
from payouts.disbursement.refresh_cycle import refresh_cycle
from payouts.disbursement.return_payout import return_payout
from payouts.due import clear_due

_STANDING = LIVE | {AttemptState.SUCCEEDED}


async def finish_return(
    db: AsyncConnection, *, network_id: int, payout: Payout, now: datetime
) -> Payout:
    """Give the value of a locked payout back whose transfer was taken back."""
    for one in await list_attempts(db, network_id=network_id, payout_id=payout.payout_id):
        if one.leg is not Leg.REVERSAL and one.state in _STANDING:
            await change_attempt(
                db, network_id=network_id, attempt=one, state=AttemptState.RETURNED, now=now
            )
    await return_payout(db, network_id=network_id, payout=payout, actor="worker", now=now)
    returned = await move_payout(
        db,
        network_id=network_id,
        payout=payout,
        to=PayoutState.RETURNED,
        now=now,
        is_taken=False,
        reason=payout.reason or Reason.RETURNED_BY_BANK.value,
    )
    for kind in ("payout.submit", "payout.resolve", "payout.watch"):
        await clear_due(db, network_id=network_id, kind=kind, due_id=payout.payout_id)
    await refresh_cycle(db, network_id=network_id, cycle_id=payout.cycle_id, now=now)
    return returned
