"""Finding whose debit it is."""

from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.tables import collection, collection_attempt


async def find_collection_of_payment_intent(
    db: AsyncConnection, *, network_id: int, payment_intent_id: str
) -> tuple[UUID, UUID] | None:
    """Find the collection, and its partner, behind a payment intent; changes nothing."""
    own = and_(
        collection.c.network_id == collection_attempt.c.network_id,
        collection.c.collection_id == collection_attempt.c.collection_id,
    )
    row = await db.execute(
        select(collection.c.collection_id, collection.c.partner_id)
        .select_from(collection_attempt.join(collection, own))
        .where(
            collection_attempt.c.network_id == network_id,
            collection.c.network_id == network_id,
            collection_attempt.c.external_id == payment_intent_id,
        )
    )
    found = row.one_or_none()
    return None if found is None else (found.collection_id, found.partner_id)
