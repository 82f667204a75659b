"""Finding a journal by its key."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.tables import journal


async def find_journal(db: AsyncConnection, *, network_id: int, key: str) -> UUID | None:
    """Find the journal that was posted under a key."""
    row = await db.execute(
        select(journal.c.journal_id).where(
            journal.c.book_id == network_id, journal.c.ledger_key == key
        )
    )
    return row.scalar_one_or_none()
