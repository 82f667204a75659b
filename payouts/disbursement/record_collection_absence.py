"""Recording that an attempt of a collection was looked up and not found."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_collection import change_collection
from payouts.disbursement.model import (
    AttemptState,
    CollectionState,
    Reason,
    backoff,
    is_proven_absent,
)
from payouts.disbursement.queries import lock_collection_attempt
from payouts.due import announce_due


async def record_collection_absence(
    db: AsyncConnection, *, network_id: int, attempt_id: UUID, now: datetime
) -> None:
    """Write down that the provider does not know a debit; proven dead, a new one may follow."""
    found = await lock_collection_attempt(db, network_id=network_id, attempt_id=attempt_id)
    if found is None or found[1].state is not AttemptState.UNKNOWN:
        return
    collection, attempt = found
    lookups = attempt.lookups + 1
    is_dead = is_proven_absent(lookups=lookups, sent_at=attempt.sent_at, now=now)
    await change_collection(
        db,
        network_id=network_id,
        collection=collection,
        to=CollectionState.SCHEDULED if is_dead else CollectionState.UNKNOWN,
        now=now,
        reason=Reason.UNKNOWN_OUTCOME.value,
        attempt=attempt,
        attempt_state=AttemptState.FAILED_RETRYABLE if is_dead else AttemptState.UNKNOWN,
        lookups=lookups,
    )
    wait = timedelta() if is_dead else min(backoff(lookups), timedelta(seconds=30))
    await announce_due(
        db,
        network_id=network_id,
        kind="collection.submit",
        due_id=collection.collection_id,
        due_at=now + wait,
    )
