"""Preparing to find out what became of an attempt."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.disbursement.change_attempt import change_attempt
from payouts.disbursement.model import AttemptState, Order, PayoutState, can_resend
from payouts.disbursement.orders import order_of
from payouts.disbursement.queries import list_attempts, lock_payout
from payouts.due import clear_due
from payouts.halts import is_halted


async def prepare_resolution(
    db: AsyncConnection, *, network_id: int, payout_id: UUID, now: datetime
) -> Order | None:
    """Say which attempt of a payout has an unknown outcome, and whether to send it again.

    Sending again under the same key is safe while the provider remembers the key, and settles
    the matter soonest; it is counted here, before it happens. While the network is halted an
    attempt is only looked up.
    """
    payout = await lock_payout(db, network_id=network_id, payout_id=payout_id)
    attempts = await list_attempts(db, network_id=network_id, payout_id=payout_id)
    unknown = next(
        (one for one in attempts if one.state is AttemptState.UNKNOWN and not one.external_id), None
    )
    if payout.state is not PayoutState.UNKNOWN or unknown is None:
        await clear_due(db, network_id=network_id, kind="payout.resolve", due_id=payout_id)
        return None
    order = order_of(network_id, payout, unknown, attempts, now)
    if await is_halted(db, network_id=network_id):
        return replace(order, can_resend=False)
    if can_resend(sends=unknown.sends, prepared_at=unknown.prepared_at, now=now):
        await change_attempt(
            db,
            network_id=network_id,
            attempt=unknown,
            state=AttemptState.UNKNOWN,
            now=now,
            sends=unknown.sends + 1,
            sent_at=now,
        )
    return order
