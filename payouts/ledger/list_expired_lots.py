"""Listing what is past its end."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.lot_rows import lot_of, select_lots
from payouts.ledger.model import Lot
from payouts.ledger.tables import account, lot


async def list_expired_lots(
    db: AsyncConnection, *, network_id: int, at: datetime, limit: int
) -> list[Lot]:
    """List lots of available value that have something left and whose end has come.

    Changes nothing. Those that ended first come first.
    """
    rows = await db.execute(
        select_lots(network_id=network_id)
        .where(account.c.type == "member_available", lot.c.remaining > 0, lot.c.expires_at <= at)
        .order_by(lot.c.expires_at, lot.c.lot_id)
        .limit(limit)
    )
    return [lot_of(row) for row in rows]
