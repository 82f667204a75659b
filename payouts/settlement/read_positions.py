"""Reading what partners' accounts came to at the cut of a cycle."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import sum_movements
from payouts.settlement.model import (
    OWN_KINDS,
    SCOPE,
    Position,
    SettlementCycle,
    Sides,
    draw_positions,
)
from payouts.settlement.queries import find_cycle_before, list_cycle_statements


async def read_positions(
    db: AsyncConnection, *, network_id: int, cycle: SettlementCycle
) -> list[Position]:
    """Draw the positions of a cycle from the postings and from what the cycle before it left.

    Changes nothing; as long as no posting is altered it gives the same again.
    """
    assert cycle.currency is not None, "a cycle of earlier releases is not drawn again"
    sums = await sum_movements(
        db,
        network_id=network_id,
        types=SCOPE,
        unit=cycle.currency,
        apart_kinds=OWN_KINDS,
        stretch=cycle.stretch,
    )
    openings: dict[UUID, Sides] = {}
    last = await find_cycle_before(
        db, network_id=network_id, currency=cycle.currency, number=cycle.number
    )
    if last is not None:
        statements = await list_cycle_statements(db, network_id=network_id, cycle_id=last.cycle_id)
        openings = {
            one.partner_id: one.position.closing
            for one in statements
            if one.currency == cycle.currency
        }
    return draw_positions(sums, openings, cycle.currency)
