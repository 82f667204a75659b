"""Changing a top-up."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import TopUpState
from payouts.disbursement.tables import topup
from payouts.due import announce_due, clear_due


async def change_topup(
    db: AsyncConnection,
    *,
    network_id: int,
    topup_id: UUID,
    to: TopUpState,
    now: datetime,
    wait: timedelta | None,
    **changes: Any,
) -> None:
    """Give a locked top-up its next state, and say when to look at it again, if ever."""
    await db.execute(
        update(topup)
        .where(topup.c.network_id == network_id, topup.c.topup_id == topup_id)
        .values(state=to.value, changed_at=now, **changes)
    )
    if wait is None:
        await clear_due(db, network_id=network_id, kind="topup.submit", due_id=topup_id)
    else:
        await announce_due(
            db, network_id=network_id, kind="topup.submit", due_id=topup_id, due_at=now + wait
        )
