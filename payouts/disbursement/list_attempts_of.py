"""Listing the attempts of orders."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.model import Attempt, CollectionAttempt
from payouts.disbursement.rows import attempt_of, collection_attempt_of
from payouts.disbursement.tables import collection_attempt, payout_attempt


async def list_attempts_of(
    db: AsyncConnection,
    *,
    network_id: int,
    payout_ids: Sequence[UUID] = (),
    collection_ids: Sequence[UUID] = (),
    limit: int,
) -> list[Attempt | CollectionAttempt]:
    """List the tries of payouts and of collections, each in the order of their making.

    Changes nothing.
    """
    found: list[Attempt | CollectionAttempt] = []
    if payout_ids:
        rows = await db.execute(
            select(payout_attempt)
            .where(
                payout_attempt.c.network_id == network_id,
                payout_attempt.c.payout_id.in_(payout_ids),
            )
            .order_by(payout_attempt.c.prepared_at, payout_attempt.c.attempt_id)
            .limit(limit)
        )
        found += [attempt_of(row) for row in rows]
    if collection_ids:
        rows = await db.execute(
            select(collection_attempt)
            .where(
                collection_attempt.c.network_id == network_id,
                collection_attempt.c.collection_id.in_(collection_ids),
            )
            .order_by(collection_attempt.c.prepared_at, collection_attempt.c.attempt_id)
            .limit(limit)
        )
        found += [collection_attempt_of(row) for row in rows]
    return found
