"""Remembering client assertions."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from partners.clients.tables import client_assertion

FORGET_AFTER = timedelta(minutes=5)
"""Kept beyond expiry for as long as clocks may disagree."""

FORGET_MAX = 100


async def remember_assertion(
    db: AsyncConnection, *, client_id: str, jti: str, expires_at: datetime, now: datetime
) -> bool:
    """Note a client's assertion as used; False when it already was.

    Of several calls at once with the same assertion exactly one gets True. A few expired ones are
    forgotten on the way.
    """
    old = (
        select(client_assertion.c.client_id, client_assertion.c.jti_digest)
        .where(client_assertion.c.expires_at < now - FORGET_AFTER)
        .limit(FORGET_MAX)
        .with_for_update(skip_locked=True)
    )
    for row in (await db.execute(old)).all():
        await db.execute(
            delete(client_assertion).where(
                client_assertion.c.client_id == row.client_id,
                client_assertion.c.jti_digest == row.jti_digest,
            )
        )
    made = await db.execute(
        insert(client_assertion)
        .values(
            client_id=client_id,
            jti_digest=hashlib.sha256(jti.encode("utf-8", "surrogatepass")).digest(),
            expires_at=expires_at,
        )
        .on_conflict_do_nothing(constraint="client_assertion_pkey")
        .returning(client_assertion.c.client_id)
    )
    return made.scalar_one_or_none() is not None
