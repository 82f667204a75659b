"""Ending much due work at once."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Text, Uuid, any_, delete, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.due.tables import due


async def clear_all_due(
    db: AsyncConnection, *, network_id: int, kinds: Sequence[str], due_ids: Sequence[UUID]
) -> None:
    """Strike objects off the lists of some kinds of due work."""
    if not due_ids:
        return
    await db.execute(
        delete(due).where(
            due.c.network_id == network_id,
            due.c.kind == any_(literal(list(kinds), ARRAY(Text))),
            due.c.due_id == any_(literal(list(due_ids), ARRAY(Uuid))),
        )
    )
