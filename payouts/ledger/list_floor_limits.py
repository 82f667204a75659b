"""Listing the limits that were agreed for an account."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Account, FloorLimit
from payouts.ledger.tables import floor_limit
from payouts.money import Money


async def list_floor_limits(
    db: AsyncConnection, *, network_id: int, account: Account, limit: int
) -> list[FloorLimit]:
    """List what was agreed for an account, the one in force first; none means nothing.

    Changes nothing.
    """
    rows = await db.execute(
        select(
            floor_limit.c.number,
            floor_limit.c.amount,
            floor_limit.c.agreed_by,
            floor_limit.c.agreed_at,
        )
        .where(
            floor_limit.c.book_id == network_id,
            floor_limit.c.account_id == account.id_in(network_id),
        )
        .order_by(floor_limit.c.number.desc())
        .limit(limit)
    )
    return [
        FloorLimit(
            account, row.number, Money(row.amount, account.unit), row.agreed_by, row.agreed_at
        )
        for row in rows
    ]
