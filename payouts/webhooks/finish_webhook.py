"""Finishing a webhook."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.due import announce_due, clear_due
from payouts.webhooks.accept_webhook import KIND, PLATFORM
from payouts.webhooks.tables import webhook_inbox

_WAIT_MAX = timedelta(hours=1)


async def finish_webhook(
    db: AsyncConnection,
    *,
    webhook_id: UUID,
    attempts: int,
    outcome: str,
    is_done: bool,
    network_id: int | None,
    now: datetime,
) -> None:
    """Write down that a message was acted on, or that it must be acted on later."""
    await db.execute(
        update(webhook_inbox)
        .where(webhook_inbox.c.webhook_id == webhook_id)
        .values(
            processed_at=now if is_done else None,
            attempts=attempts,
            outcome=outcome[:255],
            network_id=network_id,
        )
    )
    if is_done:
        await clear_due(db, network_id=PLATFORM, kind=KIND, due_id=webhook_id)
        return
    wait = min(timedelta(seconds=2 ** min(attempts, 12)), _WAIT_MAX)
    await announce_due(db, network_id=PLATFORM, kind=KIND, due_id=webhook_id, due_at=now + wait)
