"""Noting a message that is acted on at once."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.money import new_id
from payouts.webhooks.tables import webhook_inbox


async def note_webhook(
    db: AsyncConnection,
    *,
    network_id: int,
    provider: str,
    event_id: str,
    subject: str,
    outcome: str,
    now: datetime,
) -> bool:
    """Keep the id of a message that its caller acts on now; false when it was here already."""
    row = insert(webhook_inbox).values(
        provider=provider,
        event_id=event_id,
        webhook_id=new_id(now),
        type=subject,
        # Suppliers do not all say when it happened, and nothing depends on it.
        occurred_at=now,
        received_at=now,
        processed_at=now,
        attempts=1,
        outcome=outcome,
        network_id=network_id,
    )
    made = await db.execute(row.on_conflict_do_nothing())
    return bool(made.rowcount)
