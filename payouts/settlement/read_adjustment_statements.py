"""Reading adjustment statements."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.settlement.adjustment import AdjustmentStatement
from payouts.settlement.adjustment_rows import adjustment_of
from payouts.settlement.queries import read_statements
from payouts.settlement.tables import adjustment_statement


async def read_adjustment_statements(
    db: AsyncConnection, *, network_id: int, adjustment_ids: Sequence[UUID]
) -> dict[UUID, AdjustmentStatement]:
    """Read adjustment statements by id, each with the statement that it adjusts.

    Changes nothing.
    """
    found = await db.execute(
        select(adjustment_statement).where(
            adjustment_statement.c.network_id == network_id,
            adjustment_statement.c.adjustment_id.in_(adjustment_ids),
        )
    )
    rows = found.all()
    adjusted = await read_statements(
        db, network_id=network_id, statement_ids=[row.statement_id for row in rows]
    )
    return {row.adjustment_id: adjustment_of(row, adjusted[row.statement_id]) for row in rows}
