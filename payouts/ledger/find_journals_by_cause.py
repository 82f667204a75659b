"""Finding the journals of business events."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.model import Cause
from payouts.ledger.tables import journal


async def find_journals_by_cause(
    db: AsyncConnection, *, network_id: int, causes: Sequence[Cause], limit: int
) -> dict[Cause, list[UUID]]:
    """Find the journals of several business events, by event, in the order of their making.

    Changes nothing.
    """
    found: dict[Cause, list[UUID]] = {one: [] for one in causes}
    named = tuple_(journal.c.cause_kind, journal.c.cause_id)
    rows = await db.execute(
        select(journal.c.cause_kind, journal.c.cause_id, journal.c.journal_id)
        .where(journal.c.book_id == network_id, named.in_([(one.kind, one.id) for one in causes]))
        .order_by(journal.c.journal_id)
        .limit(limit)
    )
    for row in rows:
        found[Cause(row.cause_kind, row.cause_id)].append(row.journal_id)
    return found
