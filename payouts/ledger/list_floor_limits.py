"""Listing the limits that were agreed for an owner's accounts."""

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Account, FloorLimit
from payouts.ledger.tables import account, floor_limit
from payouts.money import Money

_OWN = and_(
    account.c.book_id == floor_limit.c.book_id, account.c.account_id == floor_limit.c.account_id
)


async def list_floor_limits(
    db: AsyncConnection, *, network_id: int, owner_kind: str, owner_id: str, limit: int
) -> list[FloorLimit]:
    """List what was agreed for an owner's accounts, by unit, of each the one in force first.

    An account without any may not fall below zero. Changes nothing.
    """
    rows = await db.execute(
        select(
            account.c.type,
            account.c.owner_id,
            account.c.unit,
            account.c.sub,
            floor_limit.c.number,
            floor_limit.c.amount,
            floor_limit.c.agreed_by,
            floor_limit.c.agreed_at,
        )
        .select_from(floor_limit.join(account, _OWN))
        .where(
            floor_limit.c.book_id == network_id,
            account.c.book_id == network_id,
            account.c.owner_kind == owner_kind,
            account.c.owner_id == owner_id,
        )
        .order_by(account.c.unit, account.c.type, account.c.sub, floor_limit.c.number.desc())
        .limit(limit)
    )
    return [
        FloorLimit(
            Account(row.type, row.owner_id, row.unit, row.sub),
            row.number,
            Money(row.amount, row.unit),
            row.agreed_by,
            row.agreed_at,
        )
        for row in rows
    ]
