"""Summing up how lots were used."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import LotUses
from payouts.ledger.tables import lot_use


async def sum_lot_uses(
    db: AsyncConnection, *, network_id: int, lot_ids: Sequence[UUID]
) -> dict[UUID, LotUses]:
    """Tell of each lot how many journals used it or gave back to it."""
    rows = await db.execute(
        select(lot_use.c.lot_id, func.count(), func.bool_or(lot_use.c.amount > 0))
        .where(lot_use.c.book_id == network_id, lot_use.c.lot_id.in_(lot_ids))
        .group_by(lot_use.c.lot_id)
    )
    found = {lot_id: LotUses(uses, given_back) for lot_id, uses, given_back in rows}
    return {one: found.get(one, LotUses(0, False)) for one in lot_ids}
