"""Proposing what an unexplained line was."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.reconciliation.errors import ReconciliationItemNotOpen, ResolutionUnfit
from payouts.reconciliation.model import (
    OPEN_STATES,
    ItemState,
    ReconciliationItem,
    Resolution,
    why_unfit,
)
from payouts.reconciliation.queries import lock_item, read_items
from payouts.reconciliation.tables import reconciliation_item


async def resolve_reconciliation_item(
    db: AsyncConnection,
    *,
    network_id: int,
    item_id: UUID,
    resolution: Resolution,
    owner_id: UUID | None = None,
    remark: str,
    actor: str,
    now: datetime,
) -> ReconciliationItem:
    """Propose what an open line was; nothing is booked before somebody else approves.

    A new proposal takes the place of one not yet approved. Raises ReconciliationItemNotFound,
    ReconciliationItemNotOpen, ResolutionUnfit.
    """
    item = await lock_item(db, network_id=network_id, item_id=item_id)
    if item.state not in OPEN_STATES:
        raise ReconciliationItemNotOpen(state=item.state.value)
    reason = why_unfit(item, resolution, owner_id)
    if reason is not None:
        raise ResolutionUnfit(reason=reason)
    await db.execute(
        update(reconciliation_item)
        .where(
            reconciliation_item.c.network_id == network_id,
            reconciliation_item.c.item_id == item_id,
        )
        .values(
            state=ItemState.PROPOSED.value,
            resolution=resolution.value,
            owner_id=owner_id,
            remark=remark,
            proposed_by=actor,
            proposed_at=now,
        )
    )
    return (await read_items(db, network_id=network_id, item_ids=[item_id]))[item_id]
