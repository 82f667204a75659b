"""Removing reports from where the database found them."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.purchases.tables import purchase_staging


async def unstage_reports(db: AsyncConnection, *, network_id: int, batch_id: UUID) -> None:
    """Remove a batch that was staged in this transaction."""
    await db.execute(
        delete(purchase_staging).where(
            purchase_staging.c.network_id == network_id,
            purchase_staging.c.batch_id == batch_id,
        )
    )
