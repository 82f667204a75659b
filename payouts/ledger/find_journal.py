"""Finding a journal by its key."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.tables import journal_key


async def find_journal(db: AsyncConnection, *, network_id: int, key: str) -> UUID | None:
    """Find the journal that was posted under a key."""
    row = await db.execute(
        select(journal_key.c.journal_id).where(
            journal_key.c.book_id == network_id, journal_key.c.ledger_key == key
        )
    )
    return row.scalar_one_or_none()
