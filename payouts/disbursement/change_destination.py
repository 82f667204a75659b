"""Changing what is known of a change of destination."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.destinations import ChangeState, DestinationChange
from payouts.disbursement.tables import destination_change


async def change_destination(
    db: AsyncConnection,
    *,
    network_id: int,
    change: DestinationChange,
    state: ChangeState,
    actor: str | None = None,
    now: datetime,
) -> DestinationChange:
    """Give a locked change its next state; with `actor`, as that person's decision."""
    changed = replace(change, state=state)
    if actor is not None:
        changed = replace(changed, decided_by=actor, decided_at=now)
    if state is ChangeState.IN_FORCE:
        changed = replace(changed, in_force_at=now)
    await db.execute(
        update(destination_change)
        .where(
            destination_change.c.network_id == network_id,
            destination_change.c.change_id == change.change_id,
        )
        .values(
            state=changed.state.value,
            decided_by=changed.decided_by,
            decided_at=changed.decided_at,
            in_force_at=changed.in_force_at,
        )
    )
    return changed
