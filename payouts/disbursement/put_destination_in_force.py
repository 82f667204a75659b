"""Putting a change of destination into force."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_destination import change_destination
from payouts.disbursement.destinations import ChangeState
from payouts.disbursement.list_destination_changes import list_destination_changes
from payouts.disbursement.point_payee import point_payee
from payouts.disbursement.queries import lock_change, lock_payee
from payouts.disbursement.wake_payouts import wake_payouts
from payouts.due import clear_due


async def put_destination_in_force(
    db: AsyncConnection, *, network_id: int, change_id: UUID, now: datetime
) -> bool:
    """Let money follow an approved change whose cool-down is over, and screen what was held.

    Tells whether it did: one that was refused or taken back meanwhile changes nothing.
    """
    await clear_due(db, network_id=network_id, kind="destination.change", due_id=change_id)
    known = await list_destination_changes(
        db, network_id=network_id, change_ids=[change_id], limit=1
    )
    # Payees are locked before their changes, as where a change is offered.
    payee = (
        await lock_payee(db, network_id=network_id, payee_id=known[0].payee_id) if known else None
    )
    if payee is None:
        return False
    change = await lock_change(db, network_id=network_id, change_id=change_id)
    if change.state is not ChangeState.APPROVED or now < change.effective_at:
        return False
    assert payee.offered_hash == change.new_hash
    await change_destination(
        db, network_id=network_id, change=change, state=ChangeState.IN_FORCE, now=now
    )
    await point_payee(
        db,
        network_id=network_id,
        payee_id=payee.payee_id,
        destination_hash=change.new_hash,
        to=change.new_hash,
    )
    await wake_payouts(
        db,
        network_id=network_id,
        partner_id=payee.partner_id,
        member_id=payee.member_id,
        now=now,
    )
    return True
