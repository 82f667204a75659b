"""Finding what took journals back."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.tables import journal


async def find_reversals(
    db: AsyncConnection, *, network_id: int, journal_ids: Sequence[UUID], limit: int
) -> dict[UUID, list[UUID]]:
    """Find the journals that took some back, in whole or in part, by the journal taken back.

    Changes nothing.
    """
    found: dict[UUID, list[UUID]] = {one: [] for one in journal_ids}
    rows = await db.execute(
        select(journal.c.reverses, journal.c.journal_id)
        .where(journal.c.book_id == network_id, journal.c.reverses.in_(journal_ids))
        .order_by(journal.c.journal_id)
        .limit(limit)
    )
    for row in rows:
        found[row.reverses].append(row.journal_id)
    return found
