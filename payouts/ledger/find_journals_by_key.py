"""Finding journals by their keys."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.tables import journal_key


async def find_journals_by_key(
    db: AsyncConnection, *, network_id: int, keys: Sequence[str]
) -> dict[str, UUID]:
    """Find the journals that were posted under some keys. Changes nothing."""
    rows = await db.execute(
        select(journal_key.c.ledger_key, journal_key.c.journal_id).where(
            journal_key.c.book_id == network_id, journal_key.c.ledger_key.in_(keys)
        )
    )
    return {row.ledger_key: row.journal_id for row in rows}
