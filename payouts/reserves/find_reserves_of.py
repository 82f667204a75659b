"""Finding what was held back of statements."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.reserves.model import Reserve
from payouts.reserves.queries import reserve_of
from payouts.reserves.tables import reserve
from payouts.settlement import Statement, StatementState


async def find_reserves_of(
    db: AsyncConnection, *, network_id: int, statements: Sequence[Statement]
) -> dict[UUID, Reserve]:
    """Find what was held back of final statements, by their ids; of others nothing is."""
    places = {
        (one.cycle_id, one.partner_id, one.currency): one.statement_id
        for one in statements
        if one.state is StatementState.FINAL
    }
    columns = tuple_(reserve.c.cycle_id, reserve.c.partner_id, reserve.c.currency)
    rows = await db.execute(
        select(reserve).where(reserve.c.network_id == network_id, columns.in_(list(places)))
    )
    return {places[row.cycle_id, row.partner_id, row.currency]: reserve_of(row) for row in rows}
