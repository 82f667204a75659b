"""Cancelling a payout."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_attempt import change_attempt
from payouts.disbursement.errors import PayoutNotCancellable, PayoutNotFound
from payouts.disbursement.model import (
    CANCELLABLE,
    LIVE,
    AttemptState,
    Payout,
    PayoutState,
    Reason,
)
from payouts.disbursement.move_payout import move_payout
from payouts.disbursement.queries import list_attempts, lock_payout
from payouts.disbursement.return_payout import return_payout
from payouts.due import clear_due


async def cancel_payout(
    db: AsyncConnection,
    *,
    network_id: int,
    payout_id: UUID,
    actor: str,
    now: datetime,
    owner_id: UUID | None = None,
) -> Payout:
    """Stop a payout that is not yet under way and give its value back.

    With `owner_id`, only that owner's. Raises PayoutNotFound, PayoutNotCancellable.
    """
    payout = await lock_payout(db, network_id=network_id, payout_id=payout_id)
    if owner_id not in (None, payout.owner_id):
        raise PayoutNotFound
    # What a cycle settled is owed until it is paid: it can be tried again but not called off.
    if payout.state not in CANCELLABLE or payout.kind == "settlement":
        raise PayoutNotCancellable(state=payout.state.value)
    # A live attempt in these states was certainly not carried out: the provider said so.
    for attempt in await list_attempts(db, network_id=network_id, payout_id=payout_id):
        if attempt.state in LIVE:
            await change_attempt(
                db,
                network_id=network_id,
                attempt=attempt,
                state=AttemptState.FAILED_FINAL,
                now=now,
                code="cancelled",
            )
    await return_payout(db, network_id=network_id, payout=payout, actor=actor, now=now)
    cancelled = await move_payout(
        db,
        network_id=network_id,
        payout=payout,
        to=PayoutState.CANCELLED,
        now=now,
        is_taken=False,
        reason=Reason.CANCELLED.value,
    )
    await clear_due(db, network_id=network_id, kind="payout.submit", due_id=payout_id)
    return cancelled
