"""Listing lots by where they come from."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.lot_rows import lot_of, select_lots
from payouts.ledger.model import Cause, Lot
from payouts.ledger.tables import lot


async def list_lots_from(
    db: AsyncConnection,
    *,
    network_id: int,
    journal_ids: Sequence[UUID] = (),
    origins: Sequence[Cause] = (),
    limit: int,
) -> list[Lot[Any]]:
    """List the lots that journals made, and those whose value some events earned, oldest first.

    Changes nothing.
    """
    named = tuple_(lot.c.origin_kind, lot.c.origin_id)
    rows = await db.execute(
        select_lots(network_id=network_id)
        .where(
            or_(
                lot.c.journal_id.in_(journal_ids),
                named.in_([(one.kind, one.id) for one in origins]),
            )
        )
        .order_by(lot.c.lot_id)
        .limit(limit)
    )
    return [lot_of(row) for row in rows]
