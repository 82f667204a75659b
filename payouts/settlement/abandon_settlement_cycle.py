"""Abandoning a settlement cycle."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.seals import seal_journals
from payouts.settlement.errors import SettlementCycleNotInReview
from payouts.settlement.model import CycleState, SettlementCycle, StatementState
from payouts.settlement.queries import lock_settlement_cycle
from payouts.settlement.tables import settlement_cycle, statement


async def abandon_settlement_cycle(
    db: AsyncConnection, *, network_id: int, cycle_id: UUID, now: datetime
) -> SettlementCycle:
    """Give a cycle in review up: its statements are void, and the next cycle settles all of it.

    The numbers of its statements stay used. Raises SettlementCycleNotFound,
    SettlementCycleNotInReview.
    """
    # Closing takes turns by the seal, so that none begins behind a cycle that is being given up.
    await seal_journals(db, network_id=network_id, now=now)
    cycle = await lock_settlement_cycle(db, network_id=network_id, cycle_id=cycle_id)
    if cycle.state is not CycleState.IN_REVIEW:
        raise SettlementCycleNotInReview(state=cycle.state.value)
    await db.execute(
        update(settlement_cycle)
        .where(settlement_cycle.c.network_id == network_id, settlement_cycle.c.cycle_id == cycle_id)
        .values(state=CycleState.ABANDONED.value)
    )
    await db.execute(
        update(statement)
        .where(
            statement.c.network_id == network_id,
            statement.c.cycle_id == cycle_id,
            statement.c.state == StatementState.ISSUED.value,
        )
        .values(state=StatementState.VOID.value)
    )
    return replace(cycle, state=CycleState.ABANDONED)
