"""Recording that a transfer was taken back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_attempt import change_attempt
from payouts.disbursement.finish_return import finish_return
from payouts.disbursement.model import LIVE, AttemptState, Leg, PayoutState
from payouts.disbursement.queries import lock_attempt
from payouts.disbursement.remember_object import remember_object

_OPEN = frozenset({PayoutState.RETURNING, PayoutState.UNKNOWN})


async def record_reversal(
    db: AsyncConnection,
    *,
    network_id: int,
    attempt_id: UUID,
    reversal_id: str | None,
    now: datetime,
) -> None:
    """Write down that a transfer was taken back, and give its value back to the owner, once.

    `reversal_id` is unknown when only the transfer itself tells of it.
    """
    found = await lock_attempt(db, network_id=network_id, attempt_id=attempt_id)
    if found is None or found[1].leg is not Leg.REVERSAL:
        return
    payout, attempt = found
    if reversal_id is not None and attempt.external_id is None:
        await remember_object(db, network_id=network_id, object_id=reversal_id, kind="reversal")
    if attempt.state in LIVE or attempt.external_id is None:
        await change_attempt(
            db,
            network_id=network_id,
            attempt=attempt,
            state=AttemptState.SUCCEEDED,
            now=now,
            external_id=reversal_id or attempt.external_id,
            code=None,
        )
    if payout.state in _OPEN and payout.round == attempt.round:
        await finish_return(db, network_id=network_id, payout=payout, now=now)
