"""Reporting what netting saves in cycles."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.settlement.model import STANDING, Statement
from payouts.settlement.netting import Netting, draw_netting
from payouts.settlement.queries import read_settlement_cycles, statement_of
from payouts.settlement.tables import statement


async def report_netting(
    db: AsyncConnection, *, network_id: int, cycle_ids: Sequence[UUID]
) -> dict[UUID, Netting]:
    """Say what cycles move beside what was owed, and in how many transfers.

    Changes nothing. Cycles of earlier releases, which settled all currencies, have no report.
    """
    cycles = await read_settlement_cycles(db, network_id=network_id, cycle_ids=cycle_ids)
    # All of them: a report of a part of a cycle would say what is not so.
    rows = await db.execute(
        select(statement).where(
            statement.c.network_id == network_id,
            statement.c.cycle_id.in_(list(cycles)),
            statement.c.state.in_(STANDING),
        )
    )
    statements: dict[UUID, list[Statement]] = {key: [] for key in cycles}
    for row in rows:
        statements[row.cycle_id].append(statement_of(row))
    return {
        key: draw_netting(statements[key], one.currency)
        for key, one in cycles.items()
        if one.currency is not None
    }
