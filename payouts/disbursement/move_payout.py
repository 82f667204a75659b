"""Moving a payout from one state to another."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import Payout, PayoutState
from payouts.disbursement.moves import moved_payout
from payouts.disbursement.tables import payout as payout_table


async def move_payout(
    db: AsyncConnection,
    *,
    network_id: int,
    payout: Payout,
    to: PayoutState,
    now: datetime,
    **changes: Any,
) -> Payout:
    """Give a locked payout its next state, and the changes that come with it.

    `reason` goes unless it is given anew. A move that the machine does not know is a defect.
    """
    moved = moved_payout(payout, to=to, now=now, **changes)
    await db.execute(
        update(payout_table)
        .where(
            payout_table.c.network_id == network_id,
            payout_table.c.payout_id == payout.payout_id,
        )
        .values(
            state=moved.state.value,
            round=moved.round,
            hold_id=moved.hold_id,
            taken=int(moved.is_taken),
            destination_hash=moved.destination_hash,
            approved_by=moved.approved_by,
            released_by=moved.released_by,
            reason=moved.reason,
            changed_at=now,
            paid_at=moved.paid_at,
        )
    )
    return moved
