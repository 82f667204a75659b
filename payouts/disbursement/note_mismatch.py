"""Noting that the provider contradicts itself."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_attempt import change_attempt
from payouts.disbursement.model import Attempt, Payout, Reason
from payouts.disbursement.move_payout import move_payout


async def note_mismatch(
    db: AsyncConnection, *, network_id: int, payout: Payout, attempt: Attempt, now: datetime
) -> None:
    """Say on a locked payout that the provider tells of another amount than it took on.

    Nothing is moved by what it says now: the reason stands until it tells the right amount again.
    """
    if attempt.code == Reason.AMOUNT_MISMATCH.value:
        return
    code = Reason.AMOUNT_MISMATCH.value
    await change_attempt(
        db, network_id=network_id, attempt=attempt, state=attempt.state, now=now, code=code
    )
    await move_payout(
        db, network_id=network_id, payout=payout, to=payout.state, now=now, reason=code
    )
