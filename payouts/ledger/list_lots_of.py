"""Listing what an account's value is made of."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.lot_rows import lot_of, select_lots
from payouts.ledger.model import Account, Lot
from payouts.ledger.tables import lot


async def list_lots_of(
    db: AsyncConnection, *, network_id: int, account: Account, limit: int
) -> list[Lot[Any]]:
    """List an account's lots that have something left, in the order in which they are used.

    Changes nothing. Those that lapse soonest come first, those that never do last.
    """
    rows = await db.execute(
        select_lots(network_id=network_id)
        .where(lot.c.account_id == account.id_in(network_id), lot.c.remaining > 0)
        .order_by(lot.c.expires_at, lot.c.earned_at, lot.c.lot_id)
        .limit(limit)
    )
    return [lot_of(row) for row in rows]
