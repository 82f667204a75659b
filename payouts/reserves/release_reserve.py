"""Releasing a reserve."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.due import announce_due, clear_due
from payouts.ledger import post_journal
from payouts.reserves.model import RELEASE_KIND, Reserve, release_journals
from payouts.reserves.queries import lock_reserve
from payouts.reserves.tables import reserve


async def release_reserve(
    db: AsyncConnection, *, network_id: int, reserve_id: UUID, actor: str, now: datetime
) -> Reserve | None:
    """Owe a partner again what was held back from it, once its time has come; the next cycle pays.

    Nothing happens when there is no such reserve, or it was released before, also by somebody at
    the same time. One whose time has not come stays due at its time.
    """
    one = await lock_reserve(db, network_id=network_id, reserve_id=reserve_id)
    if one is not None and one.released_at is None and now < one.release_at:
        await announce_due(
            db, network_id=network_id, kind=RELEASE_KIND, due_id=reserve_id, due_at=one.release_at
        )
        return None
    await clear_due(db, network_id=network_id, kind=RELEASE_KIND, due_id=reserve_id)
    if one is None or one.released_at is not None:
        return None
    release, carry = release_journals(one, actor=actor, now=now)
    posted = await post_journal(db, network_id=network_id, draft=release, now=now)
    await post_journal(db, network_id=network_id, draft=carry, now=now)
    released = replace(one, released_at=now, released_by_journal=posted.journal_id)
    await db.execute(
        update(reserve)
        .where(reserve.c.network_id == network_id, reserve.c.reserve_id == reserve_id)
        .values(released_at=now, released_by_journal=posted.journal_id)
    )
    return released
