"""Deciding whose a movement is."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.reconciliation.model import PROVIDER
from payouts.reconciliation.tables import unplaced_transaction


async def place_unplaced_transaction(
    db: AsyncConnection, *, network_id: int, transaction_id: str
) -> bool:
    """Decide to which network a movement belongs that no order names; true when it was waiting.

    Only who runs the installation may decide this. The next reading books it there.
    """
    row = await db.execute(
        update(unplaced_transaction)
        .where(
            unplaced_transaction.c.provider == PROVIDER,
            unplaced_transaction.c.transaction_id == transaction_id,
        )
        .values(network_id=network_id)
        .returning(unplaced_transaction.c.transaction_id)
    )
    return row.scalar_one_or_none() is not None
