"""Waking payouts that wait for their payee."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import PayoutState, Reason
from payouts.disbursement.tables import payout
from payouts.due import announce_due

_WAITING = (PayoutState.SCHEDULED.value, PayoutState.HELD.value, PayoutState.TRANSFERRED.value)


async def wake_payouts(
    db: AsyncConnection,
    *,
    network_id: int,
    partner_id: UUID | None,
    member_id: UUID | None,
    now: datetime,
) -> None:
    """Have the waiting payouts of a payee screened again, save those that a checker releases."""
    own = payout.c.member_id == member_id if member_id else payout.c.partner_id == partner_id
    waiting = await db.execute(
        select(payout.c.payout_id).where(
            payout.c.network_id == network_id,
            own,
            payout.c.state.in_(_WAITING),
            or_(payout.c.reason.is_(None), payout.c.reason != Reason.FIRST_PAYOUT_CAPPED.value),
        )
    )
    for payout_id in waiting.scalars():
        await announce_due(
            db, network_id=network_id, kind="payout.submit", due_id=payout_id, due_at=now
        )
