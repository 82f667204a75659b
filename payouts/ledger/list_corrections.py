"""Listing the corrections of a stretch."""

from sqlalchemy import tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.corrections import (
    Corrected,
    Correction,
    came_late,
    decided_by,
    reversed_by,
    select_corrections,
)
from payouts.ledger.movements import MOVEMENT_COLUMNS, PLACE, movement_of
from payouts.ledger.stretch import Stretch
from payouts.ledger.tables import posting, seal


async def list_corrections(
    db: AsyncConnection,
    *,
    network_id: int,
    corrected: Corrected,
    stretch: Stretch,
    limit: int,
    after: tuple[int, int] | None = None,
    before: tuple[int, int] | None = None,
    newest_first: bool = False,
) -> list[Correction]:
    """List the postings of a stretch that correct what another one before it holds.

    Changes nothing. Places bound the page as in list_movements.
    """
    columns = (
        *MOVEMENT_COLUMNS,
        reversed_by(network_id, corrected).label("taken_back"),
        decided_by(network_id, corrected).label("decided"),
        came_late(corrected).label("is_late"),
    )
    query = select_corrections(columns, network_id=network_id, corrected=corrected, stretch=stretch)
    if after is not None:
        query = query.where(tuple_(*after) < PLACE, seal.c.seq >= after[0])
    if before is not None:
        query = query.where(tuple_(*before) > PLACE, seal.c.seq <= before[0])
    order = (
        (seal.c.seq.desc(), posting.c.line.desc()) if newest_first else (seal.c.seq, posting.c.line)
    )
    rows = await db.execute(query.order_by(*order).limit(limit))
    return [Correction(movement_of(row), row.taken_back, row.decided, row.is_late) for row in rows]
