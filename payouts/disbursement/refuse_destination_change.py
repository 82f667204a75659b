"""Refusing a change of destination."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_destination import change_destination
from payouts.disbursement.destinations import OPEN, ChangeState, DestinationChange
from payouts.disbursement.errors import DestinationChangeNotOpen
from payouts.disbursement.queries import lock_change
from payouts.due import clear_due
from payouts.settlement import ApproverIsMaker


async def refuse_destination_change(
    db: AsyncConnection, *, network_id: int, change_id: UUID, actor: str, now: datetime
) -> DestinationChange:
    """Keep a payee's money from going elsewhere, also after an approval that is not yet in force.

    While the provider still sends that payee's money there, its payouts stay held. Raises
    DestinationChangeNotFound, DestinationChangeNotOpen, ApproverIsMaker.
    """
    change = await lock_change(db, network_id=network_id, change_id=change_id)
    if change.state not in OPEN:
        raise DestinationChangeNotOpen(state=change.state.value)
    if change.proposed_by == actor:
        raise ApproverIsMaker
    await clear_due(db, network_id=network_id, kind="destination.change", due_id=change_id)
    return await change_destination(
        db, network_id=network_id, change=change, state=ChangeState.REFUSED, actor=actor, now=now
    )
