"""Listing what stands on accounts."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, and_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Account, Standing
from payouts.ledger.tables import account, posting
from payouts.money import Money


async def list_standing(
    db: AsyncConnection, *, network_id: int, types: Sequence[str], limit: int
) -> list[Standing]:
    """List the accounts of some types that are not at zero, oldest movement first.

    Changes nothing. Amounts are debits less credits.
    """
    own = and_(posting.c.book_id == account.c.book_id, posting.c.account_id == account.c.account_id)
    amount = cast(func.sum(posting.c.amount), BigInteger)
    since = func.min(posting.c.effective_at)
    rows = await db.execute(
        select(
            account.c.type,
            account.c.owner_id,
            account.c.unit,
            account.c.sub,
            amount.label("amount"),
            since.label("since"),
        )
        .select_from(posting.join(account, own))
        .where(
            posting.c.book_id == network_id,
            account.c.book_id == network_id,
            account.c.type.in_(types),
        )
        .group_by(account.c.type, account.c.owner_id, account.c.unit, account.c.sub)
        .having(amount != 0)
        .order_by(since)
        .limit(limit)
    )
    return [
        Standing(
            Account(row.type, row.owner_id, row.unit, row.sub),
            Money(row.amount, row.unit),
            row.since,
        )
        for row in rows
    ]
