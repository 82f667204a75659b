"""Recording that an attempt of a collection did not go as asked."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_collection import change_collection
from payouts.disbursement.model import (
    COLLECTION_WAIT,
    COLLECTIONS_MAX,
    UNSURE,
    AttemptState,
    CollectionState,
    Reason,
    backoff,
)
from payouts.disbursement.orders import BUSY
from payouts.disbursement.queries import lock_collection_attempt
from payouts.disbursement.refresh_cycle import refresh_cycle
from payouts.disbursement.remember_object import remember_object
from payouts.due import announce_due, clear_due
from payouts.rails import ProviderBusy, ProviderRefused, RailError

_BUSY_MIN = timedelta(seconds=2)
_BUSY_MAX = timedelta(minutes=5)


async def record_collection_failure(
    db: AsyncConnection, *, network_id: int, attempt_id: UUID, failure: RailError, now: datetime
) -> None:
    """Write down that the provider refused a debit, was busy, or may have made it."""
    found = await lock_collection_attempt(db, network_id=network_id, attempt_id=attempt_id)
    if found is None or found[1].state not in UNSURE:
        return
    collection, attempt = found
    left_behind = failure.facts.get("object_id")
    if left_behind:
        await remember_object(
            db, network_id=network_id, object_id=left_behind, kind="payment_intent"
        )
    wait: timedelta | None
    if isinstance(failure, ProviderBusy) and attempt.state is AttemptState.PREPARED:
        to, attempt_state = CollectionState.SCHEDULED, AttemptState.PREPARED
        reason, code = Reason.PROVIDER_BUSY, BUSY
        wait = min(max(now - attempt.prepared_at, _BUSY_MIN), _BUSY_MAX)
    elif isinstance(failure, ProviderRefused) and failure.code != "idempotency_mismatch":
        to, attempt_state = CollectionState.FAILED, AttemptState.FAILED_FINAL
        reason, code = Reason.REFUSED, failure.code[:255]
        wait = COLLECTION_WAIT if attempt.epoch < COLLECTIONS_MAX else None
    else:
        to, attempt_state = CollectionState.UNKNOWN, AttemptState.UNKNOWN
        reason, code = Reason.UNKNOWN_OUTCOME, Reason.UNKNOWN_OUTCOME.value
        wait = backoff(attempt.lookups + 1)
    await change_collection(
        db,
        network_id=network_id,
        collection=collection,
        to=to,
        now=now,
        reason=reason.value,
        attempt=attempt,
        attempt_state=attempt_state,
        code=code,
        external_id=left_behind or attempt.external_id,
    )
    due_id = collection.collection_id
    if wait is None:
        await clear_due(db, network_id=network_id, kind="collection.submit", due_id=due_id)
    else:
        await announce_due(
            db, network_id=network_id, kind="collection.submit", due_id=due_id, due_at=now + wait
        )
    await refresh_cycle(db, network_id=network_id, cycle_id=collection.cycle_id, now=now)
