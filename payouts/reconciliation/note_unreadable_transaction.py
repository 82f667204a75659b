"""Remembering a movement that cannot be understood."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.rails import UnreadableTransaction
from payouts.reconciliation.model import PROVIDER, UNREADABLE
from payouts.reconciliation.tables import unplaced_transaction


async def note_unreadable_transaction(
    db: AsyncConnection, *, transaction: UnreadableTransaction, now: datetime
) -> bool:
    """Put a movement on the waiting list that no money can be read from; true when it is new there.

    Nothing is posted for it. It is booked, and leaves the list, when it is read again and can be.
    """
    row = insert(unplaced_transaction).values(
        provider=PROVIDER,
        transaction_id=transaction.id,
        type=UNREADABLE + transaction.type,
        source_id=None,
        network_id=None,
        occurred_at=transaction.created,
        noticed_at=now,
    )
    made = await db.execute(row.on_conflict_do_nothing())
    return bool(made.rowcount)
