"""Recording how a collection fares."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_collection import change_collection
from payouts.disbursement.model import (
    COLLECTION_WAIT,
    COLLECTIONS_MAX,
    LIVE,
    WATCH_WAIT,
    AttemptState,
    Collection,
    CollectionAttempt,
    CollectionState,
    Reason,
)
from payouts.disbursement.queries import lock_collection_attempt
from payouts.disbursement.refresh_cycle import refresh_cycle
from payouts.disbursement.remember_object import remember_object
from payouts.due import announce_due, clear_due
from payouts.rails import ProviderPaymentIntent


async def record_payment_intent(
    db: AsyncConnection,
    *,
    network_id: int,
    attempt_id: UUID,
    intent: ProviderPaymentIntent,
    now: datetime,
) -> bool:
    """Write down how the debit of a partner stands; twice, or late, changes nothing.

    A debit that the bank refused is tried again later under a new key, a few times. Tells
    whether the intent is the one that the attempt made.
    """
    found = await lock_collection_attempt(db, network_id=network_id, attempt_id=attempt_id)
    if found is None:
        return False
    collection, attempt = found
    if attempt.external_id not in (None, intent.id):
        return False
    if attempt.external_id is None:
        await remember_object(db, network_id=network_id, object_id=intent.id, kind="payment_intent")
    if attempt.state not in LIVE:
        if attempt.external_id is None:
            await change_collection(
                db,
                network_id=network_id,
                collection=collection,
                to=collection.state,
                now=now,
                reason=collection.reason,
                attempt=attempt,
                attempt_state=attempt.state,
                external_id=intent.id,
                code="appeared_late",
            )
        return True
    to, attempt_state, reason = _read(intent, attempt)
    await change_collection(
        db,
        network_id=network_id,
        collection=collection,
        to=to,
        now=now,
        reason=reason,
        attempt=attempt,
        attempt_state=attempt_state,
        external_id=intent.id,
        code=(intent.last_error or intent.status)[:255] if reason else None,
    )
    await _follow(db, network_id, collection, attempt, to, now)
    return True


def _read(
    intent: ProviderPaymentIntent, attempt: CollectionAttempt
) -> tuple[CollectionState, AttemptState, str | None]:
    if intent.amount != attempt.amount:
        return CollectionState.UNKNOWN, AttemptState.UNKNOWN, Reason.AMOUNT_MISMATCH.value
    if intent.status == "succeeded":
        return CollectionState.SUCCEEDED, AttemptState.SUCCEEDED, None
    if intent.status == "processing":
        return CollectionState.PROCESSING, AttemptState.ACCEPTED, None
    return CollectionState.FAILED, AttemptState.FAILED_FINAL, Reason.REFUSED.value


async def _follow(
    db: AsyncConnection,
    network_id: int,
    collection: Collection,
    attempt: CollectionAttempt,
    to: CollectionState,
    now: datetime,
) -> None:
    waits = {CollectionState.PROCESSING: WATCH_WAIT}
    if attempt.epoch < COLLECTIONS_MAX:
        waits[CollectionState.FAILED] = COLLECTION_WAIT
    if to in waits:
        await announce_due(
            db,
            network_id=network_id,
            kind="collection.submit",
            due_id=collection.collection_id,
            due_at=now + waits[to],
        )
    else:
        await clear_due(
            db,
            network_id=network_id,
            kind="collection.submit",
            due_id=collection.collection_id,
        )
    await refresh_cycle(db, network_id=network_id, cycle_id=collection.cycle_id, now=now)
