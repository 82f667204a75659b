"""Striking a placed movement off."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.reconciliation.model import PROVIDER
from payouts.reconciliation.tables import unplaced_transaction


async def forget_unplaced_transaction(db: AsyncConnection, *, transaction_id: str) -> None:
    """Strike a movement off the list of those without a network: it is in one's books now."""
    await db.execute(
        delete(unplaced_transaction).where(
            unplaced_transaction.c.provider == PROVIDER,
            unplaced_transaction.c.transaction_id == transaction_id,
        )
    )
