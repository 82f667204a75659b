"""Expiring authorizations."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.giftcards.end_authorization import end_authorization
from catalog.giftcards.model import EXPIRE_KIND, AuthorizationState
from catalog.giftcards.queries import lock_authorization, read_authorizations
from payouts.due import claim_due, clear_due

LEASE_SECONDS = 60


async def expire_due_authorizations(
    db: AsyncConnection, *, network_id: int, limit: int, now: datetime
) -> int:
    """Free what merchants set aside and neither captured nor voided in time; tell how many."""
    due_ids = await claim_due(
        db,
        network_id=network_id,
        kind=EXPIRE_KIND,
        limit=limit,
        lease_seconds=LEASE_SECONDS,
        now=now,
    )
    found = await read_authorizations(db, network_id=network_id, authorization_ids=due_ids)
    # Cards are locked in one order by all, so that two workers do not wait for each other.
    for authorization_id in sorted(found, key=lambda key: (found[key].card_id, key)):
        held, _ = await lock_authorization(
            db, network_id=network_id, authorization_id=authorization_id, partner_id=None
        )
        if held.state is AuthorizationState.AUTHORIZED:
            await end_authorization(
                db, network_id=network_id, held=held, state=AuthorizationState.EXPIRED, now=now
            )
        await clear_due(db, network_id=network_id, kind=EXPIRE_KIND, due_id=authorization_id)
    return len(due_ids)
