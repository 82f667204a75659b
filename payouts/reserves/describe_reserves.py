"""Describing what a statement says of reserves."""

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.money import Money
from payouts.reserves.find_reserves_of import find_reserves_of
from payouts.reserves.model import CARRIES, ReserveDescription
from payouts.settlement import Moved, StatementDescription, StatementState


async def describe_reserves(
    db: AsyncConnection, *, network_id: int, described: StatementDescription
) -> ReserveDescription:
    """Say what of reserves came back among a statement's lines, and what is held back of its net.

    Changes nothing. Before its cycle is approved nobody knows what will be held back.
    """
    statement = described.statement
    nothing = Money.zero(statement.currency)
    came_back = Moved(0, nothing, nothing)
    for kind in CARRIES:
        came_back += described.kinds.get(kind, Moved(0, nothing, nothing))
    if statement.state is not StatementState.FINAL:
        return ReserveDescription(came_back, None, None, None)
    held = await find_reserves_of(db, network_id=network_id, statements=[statement])
    one = held.get(statement.statement_id)
    withheld = one.amount if one else nothing
    payment = described.to_settle + withheld
    assert not withheld or payment < nothing, "something of a payment is left"
    return ReserveDescription(came_back, withheld, one.release_at if one else None, payment)
