"""Announcing due work."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.due.tables import due


async def announce_due(
    db: AsyncConnection, *, network_id: int, kind: str, due_id: UUID, due_at: datetime
) -> None:
    """Make an object due at an instant, in the transaction that gives it its state.

    Announcing it again moves the instant.
    """
    row = insert(due).values(network_id=network_id, kind=kind, due_id=due_id, due_at=due_at)
    await db.execute(
        row.on_conflict_do_update(
            index_elements=[due.c.network_id, due.c.kind, due.c.due_id],
            set_={"due_at": row.excluded.due_at},
        )
    )
