"""Lifting halts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.halts.errors import HaltIsLifted, HaltNotFound
from payouts.halts.model import Halt
from payouts.halts.queries import halt_of
from payouts.halts.tables import halt


async def lift_halt(
    db: AsyncConnection,
    *,
    network_id: int,
    halt_id: UUID,
    actor: str,
    reason: str,
    now: datetime,
) -> Halt:
    """Let payouts and code delivery go on, and record who decided so and why.

    A halt of all networks is lifted in the platform's own place alone. If the invariant is still
    broken, the next round of checks opens a new one. Raises HaltNotFound, HaltIsLifted.
    """
    place = (halt.c.network_id == network_id, halt.c.halt_id == halt_id)
    found = await db.execute(select(halt.c.lifted_at).where(*place).with_for_update())
    row = found.one_or_none()
    if row is None:
        raise HaltNotFound(path=("halt_id",))
    if row.lifted_at is not None:
        raise HaltIsLifted(path=("halt_id",))
    lifted = await db.execute(
        update(halt)
        .where(*place)
        .values(lifted_at=now, lifted_by=actor, reason=reason)
        .returning(halt)
    )
    return halt_of(lifted.one())
