"""Finding statements by what stands in them and by what they led to."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.settlement.model import STANDING, Statement
from payouts.settlement.queries import statement_of
from payouts.settlement.tables import statement

Place = tuple[UUID, str, int]
"""A partner, a currency, and a place in the sealed order."""
Order = tuple[UUID, UUID, str]
"""A cycle, a partner and a currency."""


async def find_statements(
    db: AsyncConnection,
    *,
    network_id: int,
    places: Sequence[Place] = (),
    orders: Sequence[Order] = (),
) -> list[Statement]:
    """Find the statements that may hold places, by their stretch, and those some orders settle.

    Changes nothing.
    """
    covering = [
        and_(
            statement.c.partner_id == partner_id,
            statement.c.currency == currency,
            statement.c.from_seq < seq,
            statement.c.to_seq >= seq,
            statement.c.state.in_(STANDING),
        )
        for partner_id, currency, seq in places
    ]
    settled = [
        and_(
            statement.c.cycle_id == cycle_id,
            statement.c.partner_id == partner_id,
            statement.c.currency == currency,
            statement.c.state.in_(STANDING),
        )
        for cycle_id, partner_id, currency in orders
    ]
    if not covering and not settled:
        return []
    rows = await db.execute(
        select(statement)
        .where(statement.c.network_id == network_id, or_(*covering, *settled))
        .order_by(statement.c.number)
    )
    return [statement_of(row) for row in rows]
