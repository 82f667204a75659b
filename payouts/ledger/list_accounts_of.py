"""Listing an owner's accounts."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Account
from payouts.ledger.tables import account

ACCOUNTS_MAX = 1_000


async def list_accounts_of(
    db: AsyncConnection, *, network_id: int, owner_kind: str, owner_id: str
) -> list[Account]:
    """List the accounts that were ever opened for an owner, by type and unit.

    Changes nothing.
    """
    rows = await db.execute(
        select(account.c.type, account.c.owner_id, account.c.unit, account.c.sub)
        .where(
            account.c.book_id == network_id,
            account.c.owner_kind == owner_kind,
            account.c.owner_id == owner_id,
        )
        .order_by(account.c.type, account.c.unit, account.c.sub)
        .limit(ACCOUNTS_MAX)
    )
    return [Account(row.type, row.owner_id, row.unit, row.sub) for row in rows]
