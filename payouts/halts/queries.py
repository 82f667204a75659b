"""Reads of halts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.halts.model import ALL_NETWORKS, Halt
from payouts.halts.tables import halt


async def is_halted(db: AsyncConnection, *, network_id: int) -> bool:
    """Tell whether payouts and code delivery of a network are stopped, by its halt or by all's."""
    found = await db.execute(
        select(
            exists().where(
                halt.c.network_id.in_((network_id, ALL_NETWORKS)), halt.c.lifted_at.is_(None)
            )
        )
    )
    return bool(found.scalar_one())


async def list_halts(
    db: AsyncConnection, *, network_id: int, is_open: bool | None = None, limit: int
) -> list[Halt]:
    """List what stops or stopped a network, the newest first: its own halts and all networks'."""
    wanted = (
        select(halt)
        .where(halt.c.network_id.in_((network_id, ALL_NETWORKS)))
        .order_by(halt.c.opened_at.desc(), halt.c.halt_id.desc())
        .limit(limit)
    )
    if is_open is not None:
        wanted = wanted.where(
            halt.c.lifted_at.is_(None) if is_open else halt.c.lifted_at.is_not(None)
        )
    return [halt_of(row) for row in await db.execute(wanted)]


async def read_halts(
    db: AsyncConnection, *, network_id: int, halt_ids: Sequence[UUID]
) -> dict[UUID, Halt]:
    """Find halts of a network, or of all networks, by id."""
    rows = await db.execute(
        select(halt).where(
            halt.c.network_id.in_((network_id, ALL_NETWORKS)), halt.c.halt_id.in_(halt_ids)
        )
    )
    return {row.halt_id: halt_of(row) for row in rows}


async def list_open_halts(db: AsyncConnection) -> list[Halt]:
    """List the open halts of every network.

    This is the one read of halts across networks; it shows no money and no person.
    """
    rows = await db.execute(
        select(halt).where(halt.c.lifted_at.is_(None)).order_by(halt.c.network_id, halt.c.invariant)
    )
    return [halt_of(row) for row in rows]


def halt_of(row: Row[Any]) -> Halt:
    """Make a halt of its row."""
    return Halt(
        halt_id=row.halt_id,
        network_id=row.network_id,
        invariant=row.invariant,
        breaches=row.breaches,
        opened_at=row.opened_at,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
        reason=row.reason,
    )
