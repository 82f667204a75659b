"""Listing changes of destinations."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.destinations import DestinationChange
from payouts.disbursement.rows import change_of
from payouts.disbursement.tables import destination_change


async def list_destination_changes(
    db: AsyncConnection,
    *,
    network_id: int,
    limit: int,
    payee_id: UUID | None = None,
    change_ids: Sequence[UUID] | None = None,
    states: Sequence[str] = (),
) -> list[DestinationChange]:
    """List changes of where payees' money goes, the newest first. Changes nothing."""
    query = select(destination_change).where(destination_change.c.network_id == network_id)
    if payee_id is not None:
        query = query.where(destination_change.c.payee_id == payee_id)
    if change_ids is not None:
        query = query.where(destination_change.c.change_id.in_(change_ids))
    if states:
        query = query.where(destination_change.c.state.in_(states))
    rows = await db.execute(query.order_by(destination_change.c.change_id.desc()).limit(limit))
    return [change_of(row) for row in rows]
