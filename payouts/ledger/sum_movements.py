"""Summing a stretch of the sealed order."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, cast, func
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Account, MovementSum
from payouts.ledger.stretch import Stretch, select_stretch
from payouts.ledger.tables import account, journal, posting
from payouts.money import Money


async def sum_movements(
    db: AsyncConnection,
    *,
    network_id: int,
    types: Sequence[str],
    unit: str,
    apart_kinds: Sequence[str],
    stretch: Stretch,
    accounts: Sequence[Account] | None = None,
) -> list[MovementSum]:
    """Sum what a stretch of the sealed order moved on accounts of some types, in one unit.

    Changes nothing. What journals of `apart_kinds` moved is told beside the whole. With `accounts`
    only those are looked at.
    """
    is_apart = journal.c.kind.in_(apart_kinds)
    columns = (
        account.c.type,
        account.c.owner_id,
        cast(func.sum(posting.c.amount), BigInteger).label("amount"),
        cast(func.coalesce(func.sum(posting.c.amount).filter(is_apart), 0), BigInteger).label(
            "apart"
        ),
        func.count().label("lines"),
    )
    query = select_stretch(columns, network_id=network_id, stretch=stretch)
    if accounts is not None:
        query = query.where(posting.c.account_id.in_([one.id_in(network_id) for one in accounts]))
    rows = await db.execute(
        query.where(account.c.type.in_(types), posting.c.unit == unit)
        .group_by(account.c.type, account.c.owner_id)
        .order_by(account.c.owner_id, account.c.type)
    )
    return [
        MovementSum(
            row.type, row.owner_id, Money(row.amount, unit), Money(row.apart, unit), row.lines
        )
        for row in rows
    ]
