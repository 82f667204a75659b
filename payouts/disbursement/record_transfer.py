"""Recording a transfer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_attempt import change_attempt
from payouts.disbursement.finish_return import finish_return
from payouts.disbursement.model import (
    LIVE,
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
from payouts.disbursement.refresh_cycle import refresh_cycle
from payouts.disbursement.remember_object import remember_object
from payouts.due import announce_due, clear_due
from payouts.rails import ProviderTransfer

_STANDS = frozenset(
    {PayoutState.TRANSFERRED, PayoutState.IN_TRANSIT, PayoutState.PAID, PayoutState.RETURNING}
)


async def record_transfer(
    db: AsyncConnection,
    *,
    network_id: int,
    attempt_id: UUID,
    transfer: ProviderTransfer,
    now: datetime,
) -> bool:
    """Write down that a transfer was made, or taken back; twice changes nothing.

    A settled position is paid by it; cashback goes on to the member's bank. One that is not what
    was ordered stops the payout until a person has taken it back, and one that is told of otherwise
    than before is not believed. Tells whether it is the one that the attempt made.
    """
    found = await lock_attempt(db, network_id=network_id, attempt_id=attempt_id)
    if found is None or found[1].leg is not Leg.TRANSFER:
        return False
    payout, attempt = found
    if attempt.external_id not in (None, transfer.id):
        return False
    if attempt.external_id is None:
        await remember_object(db, network_id=network_id, object_id=transfer.id, kind="transfer")
        payout = await _record_first(db, network_id, payout, attempt, transfer, now)
    elif attempt.state is AttemptState.UNKNOWN and _matches(transfer, attempt):
        # Its first answer said something else than what was done, and than what is told now.
        payout = await _record_first(db, network_id, payout, attempt, transfer, now)
    elif not await _is_believed(db, network_id, payout, attempt, transfer, now):
        return True
    is_reversed = transfer.amount_reversed >= transfer.amount
    is_stopped = payout.state is PayoutState.UNKNOWN and not _matches(transfer, attempt)
    stands = payout.state in _STANDS or is_stopped
    if is_reversed and payout.round == attempt.round and stands:
        await finish_return(db, network_id=network_id, payout=payout, now=now)
    return True


async def _is_believed(
    db: AsyncConnection,
    network_id: int,
    payout: Payout,
    attempt: Attempt,
    transfer: ProviderTransfer,
    now: datetime,
) -> bool:
    """Compare a transfer that was taken on as ordered with what is told of it now."""
    if attempt.state is not AttemptState.SUCCEEDED:
        return True
    if not _matches(transfer, attempt):
        await note_mismatch(db, network_id=network_id, payout=payout, attempt=attempt, now=now)
        return False
    if attempt.code == Reason.AMOUNT_MISMATCH.value:
        await change_attempt(
            db, network_id=network_id, attempt=attempt, state=attempt.state, now=now, code=None
        )
        await move_payout(db, network_id=network_id, payout=payout, to=payout.state, now=now)
    return True


def _matches(transfer: ProviderTransfer, attempt: Attempt) -> bool:
    return transfer.amount == attempt.amount and transfer.destination == attempt.account_id


async def _record_first(
    db: AsyncConnection,
    network_id: int,
    payout: Payout,
    attempt: Attempt,
    transfer: ProviderTransfer,
    now: datetime,
) -> Payout:
    if attempt.state not in LIVE:
        # Taken for dead, and yet it happened: kept on record, so that its money is traced to it.
        await change_attempt(
            db,
            network_id=network_id,
            attempt=attempt,
            state=attempt.state,
            now=now,
            external_id=transfer.id,
            code="appeared_late",
        )
        return payout
    for kind in ("payout.submit", "payout.resolve"):
        await clear_due(db, network_id=network_id, kind=kind, due_id=payout.payout_id)
    matches = _matches(transfer, attempt)
    await change_attempt(
        db,
        network_id=network_id,
        attempt=attempt,
        state=AttemptState.SUCCEEDED if matches else AttemptState.UNKNOWN,
        now=now,
        external_id=transfer.id,
        code=None if matches else Reason.AMOUNT_MISMATCH.value,
    )
    if not matches:
        return await move_payout(
            db,
            network_id=network_id,
            payout=payout,
            to=PayoutState.UNKNOWN,
            now=now,
            reason=Reason.AMOUNT_MISMATCH.value,
        )
    if payout.kind == "cashback":
        await announce_due(
            db, network_id=network_id, kind="payout.submit", due_id=payout.payout_id, due_at=now
        )
        return await move_payout(
            db, network_id=network_id, payout=payout, to=PayoutState.TRANSFERRED, now=now
        )
    paid = await move_payout(
        db, network_id=network_id, payout=payout, to=PayoutState.PAID, now=now, paid_at=now
    )
    await refresh_cycle(db, network_id=network_id, cycle_id=payout.cycle_id, now=now)
    return paid
