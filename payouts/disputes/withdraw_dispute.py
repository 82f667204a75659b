"""Withdrawing a dispute."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disputes.end_dispute import end_dispute
from payouts.disputes.errors import DisputeNotOpen
from payouts.disputes.model import Dispute, DisputeState
from payouts.disputes.queries import lock_dispute
from payouts.money import Money


async def withdraw_dispute(
    db: AsyncConnection,
    *,
    network_id: int,
    dispute_id: UUID,
    partner_id: UUID,
    actor: str,
    now: datetime,
) -> Dispute:
    """Take a dispute back: its partner owes the whole amount again.

    Raises DisputeNotFound, DisputeNotOpen.
    """
    one = await lock_dispute(
        db, network_id=network_id, dispute_id=dispute_id, partner_id=partner_id
    )
    if one.state is not DisputeState.OPEN:
        raise DisputeNotOpen(state=one.state.value)
    withdrawn = replace(
        one,
        state=DisputeState.WITHDRAWN,
        accepted=Money.zero(one.amount.currency),
        decided_by=actor,
        decided_at=now,
    )
    await end_dispute(db, network_id=network_id, ended=withdrawn)
    return withdrawn
