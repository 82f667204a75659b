"""Counting payouts that are not over."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import PAID_WATCHED, PayoutState
from payouts.disbursement.tables import payout

_OVER = (PayoutState.CANCELLED, PayoutState.FAILED, PayoutState.RETURNED)


async def count_unfinished_payouts(
    db: AsyncConnection, *, network_id: int, member_id: UUID, now: datetime
) -> int:
    """Count a member's payouts that are under way or that the bank may still send back.

    Changes nothing.
    """
    watched = or_(payout.c.paid_at.is_(None), payout.c.paid_at > now - PAID_WATCHED)
    rows = await db.execute(
        select(func.count())
        .select_from(payout)
        .where(
            payout.c.network_id == network_id,
            payout.c.member_id == member_id,
            payout.c.state.not_in([one.value for one in _OVER]),
            or_(payout.c.state != PayoutState.PAID.value, watched),
        )
    )
    return int(rows.scalar_one())
