"""Recording how a payout fares at the bank."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_attempt import change_attempt
from payouts.disbursement.model import (
    LIVE,
    PAID_WATCH,
    PAID_WATCHED,
    WATCH_WAIT,
    Attempt,
    AttemptState,
    Leg,
    Payout,
    PayoutState,
    Reason,
)
from payouts.disbursement.move_payout import move_payout
from payouts.disbursement.note_mismatch import note_mismatch
from payouts.disbursement.queries import lock_attempt
from payouts.due import announce_due, clear_due
from payouts.rails import ProviderPayout

_FAILED = frozenset({"failed", "canceled"})
_OPEN = LIVE | {AttemptState.SUCCEEDED}


async def record_provider_payout(
    db: AsyncConnection,
    *,
    network_id: int,
    attempt_id: UUID,
    account_id: str | None,
    provider_payout: ProviderPayout,
    now: datetime,
) -> bool:
    """Write down where the money is on its way to the member's bank; it never goes backwards.

    What the bank sends back, even after it was paid, is taken back from the member's account.
    One that is suddenly told of with another amount is not believed, and says so as its reason.
    A payout of another account, or another one than the attempt made, changes nothing, whatever
    its marks say: who holds an account can mark what it likes. Tells whether it is the one.
    """
    found = await lock_attempt(db, network_id=network_id, attempt_id=attempt_id)
    if found is None or found[1].leg is not Leg.PAYOUT:
        return False
    payout, attempt = found
    if account_id != attempt.account_id or attempt.external_id not in (None, provider_payout.id):
        return False
    if attempt.state not in _OPEN:
        return True
    if provider_payout.amount != attempt.amount:
        await _stop(db, network_id, payout, attempt, provider_payout, now)
    elif provider_payout.status in _FAILED:
        await _fail(db, network_id, payout, attempt, provider_payout, now)
    elif provider_payout.status == "paid":
        await _pay(db, network_id, payout, attempt, provider_payout, now)
    elif attempt.state is not AttemptState.SUCCEEDED:
        await _accept(db, network_id, payout, attempt, provider_payout, now)
    return True


async def _stop(
    db: AsyncConnection,
    network_id: int,
    payout: Payout,
    attempt: Attempt,
    provider_payout: ProviderPayout,
    now: datetime,
) -> None:
    """Not what was asked for: a person must look at it."""
    if attempt.external_id is not None:
        await note_mismatch(db, network_id=network_id, payout=payout, attempt=attempt, now=now)
        return
    await change_attempt(
        db,
        network_id=network_id,
        attempt=attempt,
        state=AttemptState.UNKNOWN,
        now=now,
        external_id=provider_payout.id,
        code=Reason.AMOUNT_MISMATCH.value,
    )
    await _leave(db, network_id, payout)
    await move_payout(
        db,
        network_id=network_id,
        payout=payout,
        to=PayoutState.UNKNOWN,
        now=now,
        reason=Reason.AMOUNT_MISMATCH.value,
    )


async def _accept(
    db: AsyncConnection,
    network_id: int,
    payout: Payout,
    attempt: Attempt,
    provider_payout: ProviderPayout,
    now: datetime,
) -> None:
    await change_attempt(
        db,
        network_id=network_id,
        attempt=attempt,
        state=AttemptState.ACCEPTED,
        now=now,
        external_id=provider_payout.id,
        code=None,
    )
    await move_payout(db, network_id=network_id, payout=payout, to=PayoutState.IN_TRANSIT, now=now)
    await _leave(db, network_id, payout)
    await announce_due(
        db,
        network_id=network_id,
        kind="payout.watch",
        due_id=payout.payout_id,
        due_at=now + WATCH_WAIT,
    )


async def _pay(
    db: AsyncConnection,
    network_id: int,
    payout: Payout,
    attempt: Attempt,
    provider_payout: ProviderPayout,
    now: datetime,
) -> None:
    if attempt.state is AttemptState.SUCCEEDED and attempt.code is None:
        if payout.paid_at is not None and now - payout.paid_at > PAID_WATCHED:
            await clear_due(db, network_id=network_id, kind="payout.watch", due_id=payout.payout_id)
        return
    await change_attempt(
        db,
        network_id=network_id,
        attempt=attempt,
        state=AttemptState.SUCCEEDED,
        now=now,
        external_id=provider_payout.id,
        code=None,
    )
    await move_payout(
        db,
        network_id=network_id,
        payout=payout,
        to=PayoutState.PAID,
        now=now,
        paid_at=payout.paid_at or now,
    )
    await _leave(db, network_id, payout)
    await announce_due(
        db,
        network_id=network_id,
        kind="payout.watch",
        due_id=payout.payout_id,
        due_at=now + PAID_WATCH,
    )


async def _fail(
    db: AsyncConnection,
    network_id: int,
    payout: Payout,
    attempt: Attempt,
    provider_payout: ProviderPayout,
    now: datetime,
) -> None:
    await change_attempt(
        db,
        network_id=network_id,
        attempt=attempt,
        state=AttemptState.FAILED_FINAL,
        now=now,
        external_id=provider_payout.id,
        code=provider_payout.failure_code or provider_payout.status,
    )
    await _leave(db, network_id, payout)
    await clear_due(db, network_id=network_id, kind="payout.watch", due_id=payout.payout_id)
    await move_payout(
        db,
        network_id=network_id,
        payout=payout,
        to=PayoutState.RETURNING,
        now=now,
        reason=Reason.RETURNED_BY_BANK.value,
    )
    await announce_due(
        db, network_id=network_id, kind="payout.submit", due_id=payout.payout_id, due_at=now
    )


async def _leave(db: AsyncConnection, network_id: int, payout: Payout) -> None:
    for kind in ("payout.submit", "payout.resolve"):
        await clear_due(db, network_id=network_id, kind=kind, due_id=payout.payout_id)
