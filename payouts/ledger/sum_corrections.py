"""Summing the corrections of a stretch."""

from sqlalchemy import BigInteger, cast, func
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.corrections import Corrected, select_corrections
from payouts.ledger.model import MovementSum
from payouts.ledger.stretch import Stretch
from payouts.ledger.tables import account, posting
from payouts.money import Money


async def sum_corrections(
    db: AsyncConnection, *, network_id: int, corrected: Corrected, stretch: Stretch, unit: str
) -> list[MovementSum]:
    """Sum by account the postings of a stretch that correct what another one before it holds.

    Changes nothing.
    """
    columns = (
        account.c.type,
        account.c.owner_id,
        cast(func.sum(posting.c.amount), BigInteger).label("amount"),
        func.count().label("lines"),
    )
    query = select_corrections(columns, network_id=network_id, corrected=corrected, stretch=stretch)
    rows = await db.execute(
        query.group_by(account.c.type, account.c.owner_id).order_by(
            account.c.owner_id, account.c.type
        )
    )
    nothing = Money.zero(unit)
    return [
        MovementSum(row.type, row.owner_id, Money(row.amount, unit), nothing, row.lines)
        for row in rows
    ]
