"""Summing up what lapses soon."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Account
from payouts.ledger.tables import lot
from payouts.money import Money


async def sum_expiring(
    db: AsyncConnection, *, network_id: int, accounts: Sequence[Account], until: datetime
) -> dict[Account, Money]:
    """Tell how much each account has that lapses until an instant, if nothing is done with it.

    Changes nothing.
    """
    by_id = {one.id_in(network_id): one for one in accounts}
    found = {one: Money.zero(one.unit) for one in accounts}
    rows = await db.execute(
        select(lot.c.account_id, cast(func.sum(lot.c.remaining), BigInteger))
        .where(
            lot.c.book_id == network_id,
            lot.c.account_id.in_(by_id),
            lot.c.remaining > 0,
            lot.c.expires_at <= until,
        )
        .group_by(lot.c.account_id)
    )
    for account_id, remaining in rows:
        found[by_id[account_id]] = Money(remaining, by_id[account_id].unit)
    return found
