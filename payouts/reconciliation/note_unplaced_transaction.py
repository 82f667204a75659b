"""Remembering a movement of which nobody knows whose it is."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.rails import ProviderTransaction
from payouts.reconciliation.model import PROVIDER
from payouts.reconciliation.tables import unplaced_transaction


async def note_unplaced_transaction(
    db: AsyncConnection, *, transaction: ProviderTransaction, now: datetime
) -> None:
    """Remember a movement without a network, so that it is placed later; again changes nothing.

    What it moved is not kept here: amounts belong to a network and are read again when it is known.
    """
    source = transaction.payment_intent or transaction.transfer or transaction.source
    row = insert(unplaced_transaction).values(
        provider=PROVIDER,
        transaction_id=transaction.id,
        type=transaction.type,
        source_id=source,
        network_id=None,
        occurred_at=transaction.created,
        noticed_at=now,
    )
    await db.execute(row.on_conflict_do_nothing())
