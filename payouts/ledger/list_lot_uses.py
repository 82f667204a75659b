"""Listing what journals did to lots."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import LotUse
from payouts.ledger.tables import lot, lot_use
from payouts.money import amount_in


async def list_lot_uses(
    db: AsyncConnection, *, network_id: int, journal_ids: Sequence[UUID]
) -> list[LotUse[Any]]:
    """List what journals took from lots and gave back to them, in the order it was done.

    Changes nothing.
    """
    own = and_(lot.c.book_id == lot_use.c.book_id, lot.c.lot_id == lot_use.c.lot_id)
    rows = await db.execute(
        select(
            lot_use.c.lot_id,
            lot_use.c.journal_id,
            lot_use.c.amount,
            lot.c.unit,
            lot_use.c.restores,
        )
        .select_from(lot_use.join(lot, own))
        .where(
            lot_use.c.book_id == network_id,
            lot.c.book_id == network_id,
            lot_use.c.journal_id.in_(journal_ids),
        )
        .order_by(lot_use.c.journal_id, lot_use.c.number)
    )
    return [
        LotUse(row.lot_id, row.journal_id, amount_in(row.unit, row.amount), row.restores)
        for row in rows
    ]
