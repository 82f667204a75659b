"""Telling a settlement cycle how its orders stand."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.queries import list_cycle_collections, list_cycle_payouts
from payouts.settlement import lock_settlement_cycle, record_cycle_progress


async def refresh_cycle(
    db: AsyncConnection, *, network_id: int, cycle_id: UUID | None, now: datetime
) -> None:
    """Give the cycle behind an order the state that follows from all its orders."""
    if cycle_id is None:
        return
    # Locked before its orders are read, so that of two orders ending at once the second sees both.
    await lock_settlement_cycle(db, network_id=network_id, cycle_id=cycle_id)
    payouts = await list_cycle_payouts(db, network_id=network_id, cycle_id=cycle_id)
    collections = await list_cycle_collections(db, network_id=network_id, cycle_id=cycle_id)
    states = [one.state.value for one in payouts] + [one.state.value for one in collections]
    await record_cycle_progress(
        db, network_id=network_id, cycle_id=cycle_id, order_states=states, now=now
    )
