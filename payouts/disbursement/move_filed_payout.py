"""Moving a payout that goes by a bank file."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_attempt import change_attempt
from payouts.disbursement.finish_return import finish_return
from payouts.disbursement.model import AttemptState, Leg, Payout, PayoutState
from payouts.disbursement.move_payout import move_payout
from payouts.disbursement.queries import lock_attempt
from payouts.disbursement.refresh_cycle import refresh_cycle
from payouts.due import announce_due, clear_due

_A = AttemptState
_MOVES = {
    _A.PREPARED: frozenset({_A.SENT}),
    _A.SENT: frozenset({_A.ACCEPTED, _A.FAILED_RETRYABLE}),
    _A.ACCEPTED: frozenset({_A.SUCCEEDED, _A.RETURNED}),
    _A.SUCCEEDED: frozenset({_A.RETURNED}),
}
"""What can become of one: into a batch, out of it or released with it, paid, sent back."""


async def move_filed_payout(
    db: AsyncConnection, *, network_id: int, attempt_id: UUID, to: AttemptState, now: datetime
) -> Payout | None:
    """Write down what became of a payout by bank file; None when it cannot have become that.

    Its outcome is never unknown: a file is a document that we keep, and what is in it was sent
    when somebody released it. Whether it arrived is for the bank's statement to say, and until
    then nothing else is tried.
    """
    found = await lock_attempt(db, network_id=network_id, attempt_id=attempt_id)
    if found is None or found[1].leg is not Leg.BANK:
        return None
    payout, attempt = found
    if to not in _MOVES.get(attempt.state, ()):
        return None
    if to is _A.RETURNED:
        return await finish_return(db, network_id=network_id, payout=payout, now=now)
    own = attempt.attempt_id.hex if to is _A.ACCEPTED else attempt.external_id
    await change_attempt(
        db, network_id=network_id, attempt=attempt, state=to, now=now, external_id=own
    )
    if to is _A.SENT:
        await clear_due(db, network_id=network_id, kind="payout.submit", due_id=payout.payout_id)
        return payout
    if to is _A.FAILED_RETRYABLE:
        await announce_due(
            db, network_id=network_id, kind="payout.submit", due_id=payout.payout_id, due_at=now
        )
        state = PayoutState.SCHEDULED
        return await move_payout(db, network_id=network_id, payout=payout, to=state, now=now)
    if to is _A.ACCEPTED:
        state = PayoutState.IN_TRANSIT
        return await move_payout(db, network_id=network_id, payout=payout, to=state, now=now)
    paid = await move_payout(
        db, network_id=network_id, payout=payout, to=PayoutState.PAID, now=now, paid_at=now
    )
    await refresh_cycle(db, network_id=network_id, cycle_id=payout.cycle_id, now=now)
    return paid
