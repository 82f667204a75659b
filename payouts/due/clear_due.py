"""Ending due work."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.due.tables import due


async def clear_due(db: AsyncConnection, *, network_id: int, kind: str, due_id: UUID) -> None:
    """Strike an object off the list of due work; it was done, or is no longer wanted."""
    await db.execute(
        delete(due).where(
            due.c.network_id == network_id, due.c.kind == kind, due.c.due_id == due_id
        )
    )
