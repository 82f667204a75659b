"""Approving a change of destination."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_destination import change_destination
from payouts.disbursement.destinations import ChangeState, DestinationChange
from payouts.disbursement.errors import DestinationChangeNotOpen
from payouts.disbursement.queries import lock_change
from payouts.due import announce_due
from payouts.settlement import ApproverIsMaker


async def approve_destination_change(
    db: AsyncConnection, *, network_id: int, change_id: UUID, actor: str, now: datetime
) -> DestinationChange:
    """Let a payee's money go elsewhere once the cool-down is over.

    Raises DestinationChangeNotFound, DestinationChangeNotOpen, ApproverIsMaker.
    """
    change = await lock_change(db, network_id=network_id, change_id=change_id)
    if change.state is not ChangeState.PROPOSED:
        raise DestinationChangeNotOpen(state=change.state.value)
    if change.proposed_by == actor:
        raise ApproverIsMaker
    approved = await change_destination(
        db,
        network_id=network_id,
        change=change,
        state=ChangeState.APPROVED,
        actor=actor,
        now=now,
    )
    await announce_due(
        db,
        network_id=network_id,
        kind="destination.change",
        due_id=change_id,
        due_at=max(change.effective_at, now),
    )
    return approved
