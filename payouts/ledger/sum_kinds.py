"""Summing a stretch of the sealed order by kind of journal."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, cast, func
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Account, KindSum
from payouts.ledger.stretch import Stretch, select_stretch
from payouts.ledger.tables import account, journal, posting
from payouts.money import Money


async def sum_kinds(
    db: AsyncConnection, *, network_id: int, accounts: Sequence[Account], stretch: Stretch
) -> list[KindSum]:
    """Sum what each kind of journal moved on some accounts within a stretch of the sealed order.

    Changes nothing. By kind, type of account and unit, in the order of these; what moved nothing
    is left out.
    """
    by = (journal.c.kind, account.c.type, posting.c.unit)
    columns = (
        *by,
        cast(func.sum(posting.c.amount), BigInteger).label("amount"),
        func.count().label("lines"),
    )
    rows = await db.execute(
        select_stretch(columns, network_id=network_id, stretch=stretch)
        .where(posting.c.account_id.in_([one.id_in(network_id) for one in accounts]))
        .group_by(*by)
        .order_by(*by)
    )
    return [KindSum(row.kind, row.type, Money(row.amount, row.unit), row.lines) for row in rows]
