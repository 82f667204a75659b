"""Preparing the next act of a collection."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_collection import change_collection
from payouts.disbursement.model import (
    PAYEE_WAIT,
    UNSURE,
    WATCH_WAIT,
    WATCH_WAIT_MAX,
    AttemptState,
    Collection,
    CollectionAttempt,
    CollectionState,
    Debit,
    Payee,
    Reason,
    can_resend,
    group_of,
    rail_key,
)
from payouts.disbursement.orders import BUSY
from payouts.disbursement.queries import find_payee_of, list_collection_attempts, lock_collection
from payouts.disbursement.tables import collection_attempt
from payouts.due import announce_due, clear_due
from payouts.halts import HALT_WAIT, is_halted
from payouts.money import new_id

_WAITING = frozenset({CollectionState.SCHEDULED, CollectionState.FAILED})


async def prepare_collection(
    db: AsyncConnection, *, network_id: int, collection_id: UUID, now: datetime
) -> Debit | None:
    """Commit a collection to its next act at the provider, and say what that is.

    The attempt and its key stand before anything is sent; one that was never answered is sent
    again under its own key or looked up, and one on its way is watched. While the network is
    halted nothing is sent: what is known of an attempt is still looked up.
    """
    collection = await lock_collection(db, network_id=network_id, collection_id=collection_id)
    if collection is None or collection.state is CollectionState.SUCCEEDED:
        await clear_due(db, network_id=network_id, kind="collection.submit", due_id=collection_id)
        return None
    attempts = await list_collection_attempts(
        db, network_id=network_id, collection_id=collection_id
    )
    last = attempts[-1] if attempts else None
    if last is not None and last.state is AttemptState.ACCEPTED:
        waited = min(max((now - last.prepared_at) / 10, WATCH_WAIT), WATCH_WAIT_MAX)
        await _wait(db, network_id, collection, now + waited)
        return _debit(network_id, last, "watch")
    is_standing = await is_halted(db, network_id=network_id)
    if last is not None and last.state in UNSURE and not (is_standing and _is_unsent(last)):
        may_send = not is_standing
        return await _again(db, network_id, collection, last, now, may_send=may_send)
    if collection.state not in _WAITING:
        await clear_due(db, network_id=network_id, kind="collection.submit", due_id=collection_id)
        return None
    if is_standing:
        await _wait(db, network_id, collection, now + HALT_WAIT)
        return None
    payee = await find_payee_of(db, network_id=network_id, partner_id=collection.partner_id)
    if payee is None or payee.customer_id is None or payee.payment_method_id is None:
        await change_collection(
            db,
            network_id=network_id,
            collection=collection,
            to=CollectionState.SCHEDULED,
            now=now,
            reason=Reason.NO_PAYMENT_METHOD.value,
        )
        await _wait(db, network_id, collection, now + PAYEE_WAIT)
        return None
    return await _begin(db, network_id, collection, payee, len(attempts) + 1, now)


async def _wait(
    db: AsyncConnection, network_id: int, collection: Collection, due_at: datetime
) -> None:
    await announce_due(
        db,
        network_id=network_id,
        kind="collection.submit",
        due_id=collection.collection_id,
        due_at=due_at,
    )


def _debit(network_id: int, attempt: CollectionAttempt, act: str) -> Debit:
    return Debit(
        act=act,
        collection_id=attempt.collection_id,
        attempt_id=attempt.attempt_id,
        key=attempt.key,
        amount=attempt.amount,
        customer_id=attempt.customer_id,
        payment_method_id=attempt.payment_method_id,
        prepared_at=attempt.prepared_at,
        external_id=attempt.external_id,
        group=group_of(network_id, attempt.collection_id),
        metadata={
            "network": str(network_id),
            "collection": str(attempt.collection_id),
            "attempt": str(attempt.attempt_id),
        },
    )


def _is_unsent(attempt: CollectionAttempt) -> bool:
    return attempt.state is AttemptState.PREPARED and attempt.code == BUSY


async def _again(
    db: AsyncConnection,
    network_id: int,
    collection: Collection,
    last: CollectionAttempt,
    now: datetime,
    *,
    may_send: bool,
) -> Debit | None:
    if last.external_id is not None:
        # Not what was asked for: a person must look at it.
        await clear_due(
            db,
            network_id=network_id,
            kind="collection.submit",
            due_id=collection.collection_id,
        )
        return None
    if _is_unsent(last):
        await change_collection(
            db,
            network_id=network_id,
            collection=collection,
            to=CollectionState.SUBMITTING,
            now=now,
            attempt=last,
            attempt_state=AttemptState.PREPARED,
            code=None,
            sent_at=now,
        )
        return _debit(network_id, last, "send")
    resend = may_send and can_resend(sends=last.sends, prepared_at=last.prepared_at, now=now)
    await change_collection(
        db,
        network_id=network_id,
        collection=collection,
        to=CollectionState.UNKNOWN,
        now=now,
        reason=Reason.UNKNOWN_OUTCOME.value,
        attempt=last,
        attempt_state=AttemptState.UNKNOWN,
        sends=last.sends + int(resend),
        sent_at=now if resend else last.sent_at,
    )
    return _debit(network_id, last, "resend" if resend else "look_up")


async def _begin(
    db: AsyncConnection,
    network_id: int,
    collection: Collection,
    payee: Payee,
    epoch: int,
    now: datetime,
) -> Debit:
    assert payee.customer_id is not None
    assert payee.payment_method_id is not None
    attempt_id = new_id(now)
    attempt = CollectionAttempt(
        attempt_id=attempt_id,
        collection_id=collection.collection_id,
        epoch=epoch,
        key=rail_key(network_id, attempt_id),
        customer_id=payee.customer_id,
        payment_method_id=payee.payment_method_id,
        amount=collection.amount,
        state=AttemptState.PREPARED,
        external_id=None,
        code=None,
        sends=1,
        lookups=0,
        prepared_at=now,
        sent_at=now,
    )
    await db.execute(
        insert(collection_attempt).values(
            network_id=network_id,
            attempt_id=attempt_id,
            collection_id=attempt.collection_id,
            epoch=epoch,
            key=attempt.key,
            customer_id=attempt.customer_id,
            payment_method_id=attempt.payment_method_id,
            amount=attempt.amount.minor,
            currency=attempt.amount.currency,
            state=attempt.state.value,
            sends=1,
            lookups=0,
            prepared_at=now,
            sent_at=now,
        )
    )
    await change_collection(
        db,
        network_id=network_id,
        collection=collection,
        to=CollectionState.SUBMITTING,
        now=now,
    )
    return _debit(network_id, attempt, "send")
