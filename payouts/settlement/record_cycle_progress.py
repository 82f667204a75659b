"""Recording how far an approved settlement cycle has come."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.settlement.model import CycleState, derive_cycle_state
from payouts.settlement.tables import settlement_cycle


async def record_cycle_progress(
    db: AsyncConnection,
    *,
    network_id: int,
    cycle_id: UUID,
    order_states: Sequence[str],
    now: datetime,
) -> CycleState:
    """Give an approved cycle the state that follows from its payouts and collections.

    The caller locked the cycle before it read them.
    """
    state = derive_cycle_state(order_states)
    await db.execute(
        update(settlement_cycle)
        .where(
            settlement_cycle.c.network_id == network_id,
            settlement_cycle.c.cycle_id == cycle_id,
            settlement_cycle.c.state != CycleState.IN_REVIEW.value,
            settlement_cycle.c.state != state.value,
        )
        .values(state=state.value, settled_at=now if state is CycleState.SETTLED else None)
    )
    return state
