"""Claiming due work."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.due.tables import due


async def claim_due(
    db: AsyncConnection,
    *,
    network_id: int,
    kind: str,
    limit: int,
    lease_seconds: int,
    now: datetime,
) -> list[UUID]:
    """Take up to `limit` due objects of one network for `lease_seconds`.

    The lease is the due time itself, moved forward: who dies before clearing it leaves work that
    becomes due again. Rows held by another claimer are skipped.
    """
    free = (
        select(due.c.due_id)
        .where(due.c.network_id == network_id, due.c.kind == kind, due.c.due_at <= now)
        .order_by(due.c.due_at, due.c.due_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = list((await db.execute(free)).scalars())
    if claimed:
        await db.execute(
            update(due)
            .where(due.c.network_id == network_id, due.c.kind == kind, due.c.due_id.in_(claimed))
            .values(due_at=now + timedelta(seconds=lease_seconds))
        )
    return claimed
