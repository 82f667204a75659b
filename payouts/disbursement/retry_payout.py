"""Trying a payout again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.errors import PayeeNotReady, PayoutNotFound, PayoutNotRetryable
from payouts.disbursement.hold_payout import hold_payout
from payouts.disbursement.model import RETRYABLE, PayeeState, Payout, PayoutState
from payouts.disbursement.move_payout import move_payout
from payouts.disbursement.queries import find_payee_of, lock_payout
from payouts.disbursement.refresh_cycle import refresh_cycle
from payouts.due import announce_due, clear_due
from payouts.halts import refuse_halted


async def retry_payout(
    db: AsyncConnection,
    *,
    network_id: int,
    payout_id: UUID,
    actor: str,
    now: datetime,
    owner_id: UUID | None = None,
) -> Payout:
    """Order a payout anew that came back or failed: its value is taken again, under new keys.

    The destination is fixed anew. With `owner_id`, only that owner's. Raises PayoutNotFound,
    PayoutNotRetryable, PayeeNotReady, BalanceTooLow, Halted.
    """
    payout = await lock_payout(db, network_id=network_id, payout_id=payout_id)
    if owner_id not in (None, payout.owner_id):
        raise PayoutNotFound
    if payout.state not in RETRYABLE:
        raise PayoutNotRetryable(state=payout.state.value)
    await refuse_halted(db, network_id=network_id)
    payee = await find_payee_of(
        db, network_id=network_id, partner_id=payout.partner_id, member_id=payout.member_id
    )
    if payee is None or payee.state is not PayeeState.ACTIVE:
        raise PayeeNotReady
    round_ = payout.round + 1
    hold_id = None
    if payout.member_id is not None:
        hold_id = await hold_payout(
            db,
            network_id=network_id,
            payout_id=payout_id,
            member_id=payout.member_id,
            amount=payout.amount,
            round_=round_,
            now=now,
        )
    again = await move_payout(
        db,
        network_id=network_id,
        payout=payout,
        to=PayoutState.SCHEDULED,
        now=now,
        round=round_,
        hold_id=hold_id,
        is_taken=False,
        released_by=None,
        destination_hash=payee.destination_hash,
        paid_at=None,
    )
    await clear_due(db, network_id=network_id, kind="payout.watch", due_id=payout_id)
    await announce_due(
        db, network_id=network_id, kind="payout.submit", due_id=payout_id, due_at=now
    )
    await refresh_cycle(db, network_id=network_id, cycle_id=payout.cycle_id, now=now)
    return again
