"""Reads of the inbox."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.webhooks.model import Webhook
from payouts.webhooks.tables import webhook_inbox


async def read_webhooks(db: AsyncConnection, *, webhook_ids: Sequence[UUID]) -> dict[UUID, Webhook]:
    """Read messages by id. The inbox is read before a network is known."""
    rows = await db.execute(
        select(webhook_inbox).where(webhook_inbox.c.webhook_id.in_(webhook_ids))
    )
    return {
        row.webhook_id: Webhook(
            row.webhook_id,
            row.event_id,
            row.type,
            row.account_id,
            row.object_type,
            row.object_id,
            row.occurred_at,
            row.received_at,
            row.processed_at,
            row.attempts,
            row.outcome,
        )
        for row in rows
    }


async def read_inbox_age(db: AsyncConnection, *, now: datetime) -> timedelta | None:
    """Tell how long the oldest message that was not processed has been waiting."""
    row = await db.execute(
        select(func.min(webhook_inbox.c.received_at)).where(webhook_inbox.c.processed_at.is_(None))
    )
    oldest = row.scalar_one()
    return None if oldest is None else max(now - oldest, timedelta())
