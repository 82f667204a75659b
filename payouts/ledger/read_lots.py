"""Reading lots."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.lot_rows import lot_of, select_lots
from payouts.ledger.model import Lot
from payouts.ledger.tables import lot


async def read_lots(
    db: AsyncConnection, *, network_id: int, lot_ids: Sequence[UUID]
) -> dict[UUID, Lot[Any]]:
    """Read lots by id. Changes nothing."""
    rows = await db.execute(select_lots(network_id=network_id).where(lot.c.lot_id.in_(lot_ids)))
    return {row.lot_id: lot_of(row) for row in rows}
