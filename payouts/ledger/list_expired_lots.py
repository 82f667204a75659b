"""Listing what is past its end."""

from datetime import datetime

from sqlalchemy import exists
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.lot_rows import lot_of, select_lots
from payouts.ledger.model import Lot
from payouts.ledger.tables import account, balance, lot
from payouts.money import POINTS_UNIT


async def list_expired_lots(
    db: AsyncConnection, *, network_id: int, at: datetime, limit: int
) -> list[Lot]:
    """List lots of available money that have something left and whose end has come.

    Lots of accounts of which everything is set aside, or that are frozen, are left out: nothing
    can be taken of them now. Changes nothing. Those that ended first come first.
    """
    has_free = exists().where(
        balance.c.book_id == network_id,
        balance.c.book_id == lot.c.book_id,
        balance.c.account_id == lot.c.account_id,
        balance.c.credit - balance.c.debit > balance.c.held,
    )
    rows = await db.execute(
        select_lots(network_id=network_id)
        .where(
            account.c.type == "member_available",
            lot.c.unit != POINTS_UNIT,
            account.c.status == "open",
            lot.c.remaining > 0,
            lot.c.expires_at <= at,
            has_free,
        )
        .order_by(lot.c.expires_at, lot.c.lot_id)
        .limit(limit)
    )
    return [lot_of(row) for row in rows]
