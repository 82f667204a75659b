"""Remembering how far the provider was read."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.reconciliation.model import PROVIDER
from payouts.reconciliation.tables import provider_cursor


async def move_provider_cursor(db: AsyncConnection, *, read_to_at: datetime, now: datetime) -> None:
    """Remember that all movements up to an instant are taken in; it never moves back."""
    row = insert(provider_cursor).values(provider=PROVIDER, read_to_at=read_to_at, changed_at=now)
    await db.execute(
        row.on_conflict_do_update(
            index_elements=[provider_cursor.c.provider],
            set_={"read_to_at": row.excluded.read_to_at, "changed_at": row.excluded.changed_at},
            where=provider_cursor.c.read_to_at < row.excluded.read_to_at,
        )
    )
