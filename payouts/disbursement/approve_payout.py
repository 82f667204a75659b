"""Approving a payout."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.errors import DestinationChanged, PayoutNotPending
from payouts.disbursement.model import Payout, PayoutState
from payouts.disbursement.move_payout import move_payout
from payouts.disbursement.queries import find_payee_of, lock_payout
from payouts.due import announce_due
from payouts.halts import refuse_halted
from payouts.settlement import ApproverIsMaker


async def approve_payout(
    db: AsyncConnection, *, network_id: int, payout_id: UUID, actor: str, now: datetime
) -> Payout:
    """Release a payout that waits for a second person.

    Raises PayoutNotFound, PayoutNotPending, ApproverIsMaker, DestinationChanged, Halted.
    """
    payout = await lock_payout(db, network_id=network_id, payout_id=payout_id)
    if payout.state is not PayoutState.PENDING_APPROVAL:
        raise PayoutNotPending(state=payout.state.value)
    if payout.requested_by == actor:
        raise ApproverIsMaker
    await refuse_halted(db, network_id=network_id)
    payee = await find_payee_of(
        db, network_id=network_id, partner_id=payout.partner_id, member_id=payout.member_id
    )
    if payee is None or payee.destination_hash != payout.destination_hash:
        raise DestinationChanged
    approved = await move_payout(
        db,
        network_id=network_id,
        payout=payout,
        to=PayoutState.SCHEDULED,
        now=now,
        approved_by=actor,
    )
    await announce_due(
        db, network_id=network_id, kind="payout.submit", due_id=payout_id, due_at=now
    )
    return approved
