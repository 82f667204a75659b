"""Accepting a webhook."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.due import announce_due
from payouts.money import new_id
from payouts.rails import ProviderEvent
from payouts.webhooks.model import PROVIDER
from payouts.webhooks.tables import webhook_inbox

KIND = "webhook.process"
PLATFORM = 0


async def accept_webhook(db: AsyncConnection, *, event: ProviderEvent, now: datetime) -> bool:
    """Take a message of the provider in, once, and make it due; false when it was here already.

    The transaction is the platform's: no network is known yet.
    """
    webhook_id = new_id(now)
    row = insert(webhook_inbox).values(
        provider=PROVIDER,
        event_id=event.id,
        webhook_id=webhook_id,
        type=event.type,
        account_id=event.account,
        object_type=event.object_type,
        object_id=event.object_id,
        occurred_at=event.created,
        received_at=now,
        attempts=0,
    )
    made = await db.execute(row.on_conflict_do_nothing())
    if not made.rowcount:
        return False
    await announce_due(db, network_id=PLATFORM, kind=KIND, due_id=webhook_id, due_at=now)
    return True
