"""Releasing a held payout."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.errors import PayoutNotHeld
from payouts.disbursement.model import Payout, PayoutState, Reason
from payouts.disbursement.move_payout import move_payout
from payouts.disbursement.queries import find_change, find_payee_of, lock_payout
from payouts.due import announce_due
from payouts.halts import refuse_halted
from payouts.settlement import ApproverIsMaker


async def release_payout(
    db: AsyncConnection, *, network_id: int, payout_id: UUID, actor: str, now: datetime
) -> Payout:
    """Let a first payout that exceeds the cap go to its payee's new destination, and no other.

    Neither who ordered it nor who asked for the change releases it. Raises PayoutNotFound,
    PayoutNotHeld, ApproverIsMaker, Halted.
    """
    payout = await lock_payout(db, network_id=network_id, payout_id=payout_id)
    payee = await find_payee_of(
        db, network_id=network_id, partner_id=payout.partner_id, member_id=payout.member_id
    )
    if payout.reason != Reason.FIRST_PAYOUT_CAPPED.value or payee is None or payee.is_changing:
        raise PayoutNotHeld(state=payout.state.value)
    change = await find_change(db, network_id=network_id, payee_id=payee.payee_id, is_open=False)
    if actor in (payout.requested_by, change.proposed_by if change else None):
        raise ApproverIsMaker
    await refuse_halted(db, network_id=network_id)
    is_held = payout.state is PayoutState.HELD
    released = await move_payout(
        db,
        network_id=network_id,
        payout=payout,
        to=PayoutState.SCHEDULED if is_held else payout.state,
        now=now,
        released_by=actor,
        destination_hash=payee.destination_hash,
    )
    await announce_due(
        db, network_id=network_id, kind="payout.submit", due_id=payout_id, due_at=now
    )
    return released
