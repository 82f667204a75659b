"""Forgetting an account in the inbox."""

from collections.abc import Sequence

from sqlalchemy import case, update
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.webhooks.tables import webhook_inbox


async def forget_account(db: AsyncConnection, *, account_ids: Sequence[str]) -> None:
    """Take some of the provider's accounts out of the messages that were about them.

    The messages stay, so that none is taken in twice.
    """
    is_object = webhook_inbox.c.object_id == webhook_inbox.c.account_id
    await db.execute(
        update(webhook_inbox)
        .where(webhook_inbox.c.account_id.in_(account_ids))
        .values(account_id=None, object_id=case((is_object, None), else_=webhook_inbox.c.object_id))
    )
