"""Recording that a bank took a debit back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_collection import change_collection
from payouts.disbursement.model import (
    COLLECTION_WAIT,
    COLLECTIONS_MAX,
    AttemptState,
    CollectionState,
    Reason,
)
from payouts.disbursement.queries import list_collection_attempts, lock_collection
from payouts.disbursement.refresh_cycle import refresh_cycle
from payouts.due import announce_due

_GONE = (AttemptState.FAILED_RETRYABLE, AttemptState.FAILED_FINAL, AttemptState.RETURNED)


async def record_collection_return(
    db: AsyncConnection,
    *,
    network_id: int,
    collection_id: UUID,
    payment_intent_id: str,
    now: datetime,
) -> None:
    """Write down that what a debit brought was taken back, however long ago it had gone well.

    The partner owes it again, so it is debited anew under a new key, a few times. Twice changes
    nothing.
    """
    collection = await lock_collection(db, network_id=network_id, collection_id=collection_id)
    attempts = await list_collection_attempts(
        db, network_id=network_id, collection_id=collection_id
    )
    made = [one for one in attempts if one.external_id == payment_intent_id]
    if collection is None or not made or made[0].state in _GONE:
        return
    await change_collection(
        db,
        network_id=network_id,
        collection=collection,
        to=CollectionState.FAILED,
        now=now,
        reason=Reason.RETURNED_BY_BANK.value,
        attempt=made[0],
        attempt_state=AttemptState.RETURNED,
        code=Reason.RETURNED_BY_BANK.value,
    )
    if made[0].epoch < COLLECTIONS_MAX:
        await announce_due(
            db,
            network_id=network_id,
            kind="collection.submit",
            due_id=collection_id,
            due_at=now + COLLECTION_WAIT,
        )
    await refresh_cycle(db, network_id=network_id, cycle_id=collection.cycle_id, now=now)
