"""Deciding a dispute."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disputes.end_dispute import end_dispute
from payouts.disputes.errors import DisputeAboveLine, DisputeNotOpen, InvalidReason
from payouts.disputes.model import REASON_MAX, Dispute, DisputeState, state_after
from payouts.disputes.queries import lock_dispute
from payouts.money import CurrencyMismatch, Money


async def decide_dispute(
    db: AsyncConnection,
    *,
    network_id: int,
    dispute_id: UUID,
    accepted: Money,
    remark: str,
    actor: str,
    now: datetime,
) -> Dispute:
    """Decide how much of a contested amount the partner need not bear; the rest it owes again.

    What it owes again falls into the cycle of the day, with the dispute as its cause. Raises
    DisputeNotFound, DisputeNotOpen, DisputeAboveLine, CurrencyMismatch, InvalidReason.
    """
    one = await lock_dispute(db, network_id=network_id, dispute_id=dispute_id)
    if one.state is not DisputeState.OPEN:
        raise DisputeNotOpen(state=one.state.value)
    if accepted.currency != one.amount.currency:
        raise CurrencyMismatch
    if not 0 <= accepted.minor <= one.amount.minor:
        raise DisputeAboveLine(path=("accepted",))
    if not 0 < len(remark.strip()) <= REASON_MAX:
        raise InvalidReason(path=("remark",))
    decided = replace(
        one,
        state=state_after(one.amount, accepted),
        accepted=accepted,
        remark=remark.strip(),
        decided_by=actor,
        decided_at=now,
    )
    await end_dispute(db, network_id=network_id, ended=decided)
    return decided
