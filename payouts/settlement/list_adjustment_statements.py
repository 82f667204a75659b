"""Listing the adjustment statements of a statement."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.settlement.adjustment import AdjustmentStatement
from payouts.settlement.adjustment_rows import adjustment_of
from payouts.settlement.model import Statement
from payouts.settlement.tables import adjustment_statement


async def list_adjustment_statements(
    db: AsyncConnection,
    *,
    network_id: int,
    of: Statement,
    limit: int,
    after: int | None = None,
    before: int | None = None,
    newest_first: bool = False,
) -> list[AdjustmentStatement]:
    """List what adjusts a statement, by number; `after` and `before` are numbers.

    Changes nothing.
    """
    number = adjustment_statement.c.number
    query = select(adjustment_statement).where(
        adjustment_statement.c.network_id == network_id,
        adjustment_statement.c.statement_id == of.statement_id,
    )
    if after is not None:
        query = query.where(number > after)
    if before is not None:
        query = query.where(number < before)
    query = query.order_by(number.desc() if newest_first else number).limit(limit)
    return [adjustment_of(row, of) for row in await db.execute(query)]
