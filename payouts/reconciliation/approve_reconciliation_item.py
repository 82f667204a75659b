"""Approving what an unexplained line was."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger import post_journal
from payouts.reconciliation.errors import ApproverIsProposer, ReconciliationItemNotOpen
from payouts.reconciliation.model import ItemState, ReconciliationItem, resolution_journal
from payouts.reconciliation.queries import lock_item, read_items
from payouts.reconciliation.tables import bank_entry, reconciliation_item


async def approve_reconciliation_item(
    db: AsyncConnection, *, network_id: int, item_id: UUID, actor: str, now: datetime
) -> ReconciliationItem:
    """Book what an item was proposed to be and end it.

    Raises ReconciliationItemNotFound, ReconciliationItemNotOpen when nothing is proposed, and
    ApproverIsProposer.
    """
    item = await lock_item(db, network_id=network_id, item_id=item_id)
    if item.state is not ItemState.PROPOSED:
        raise ReconciliationItemNotOpen(state=item.state.value)
    if item.proposed_by == actor:
        raise ApproverIsProposer
    values: dict[str, object] = {
        "state": ItemState.RESOLVED.value,
        "approved_by": actor,
        "resolved_at": now,
    }
    draft = resolution_journal(item, actor=actor)
    if draft is not None:
        posted = await post_journal(db, network_id=network_id, draft=draft, now=now)
        values["journal_id"] = posted.journal_id
    own = (reconciliation_item.c.network_id == network_id, reconciliation_item.c.item_id == item_id)
    entry = await db.execute(
        update(reconciliation_item)
        .where(*own)
        .values(values)
        .returning(reconciliation_item.c.bank_entry_id, reconciliation_item.c.journal_id)
    )
    row = entry.one()
    if row.bank_entry_id is not None:
        await db.execute(
            update(bank_entry)
            .where(
                bank_entry.c.network_id == network_id,
                bank_entry.c.bank_entry_id == row.bank_entry_id,
            )
            .values(journal_id=row.journal_id)
        )
    return (await read_items(db, network_id=network_id, item_ids=[item_id]))[item_id]
