"""Reads of due work."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.due.model import DueNetwork
from payouts.due.tables import due


async def list_due_networks(db: AsyncConnection, *, now: datetime, limit: int) -> list[DueNetwork]:
    """Tell which networks have work of which kind due by now, the longest due first.

    This is the one read of due work across networks; it shows no object, only where to look.
    """
    rows = await db.execute(
        select(due.c.network_id, due.c.kind)
        .where(due.c.due_at <= now)
        .group_by(due.c.network_id, due.c.kind)
        .order_by(func.min(due.c.due_at), due.c.network_id, due.c.kind)
        .limit(limit)
    )
    return [DueNetwork(row.network_id, row.kind) for row in rows]
