"""Cancelling redemptions."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences import cancel_booking
from catalog.redemptions.errors import RedemptionNotCancellable, RedemptionNotFound
from catalog.redemptions.model import Redemption, RedemptionState
from catalog.redemptions.queries import lock_redemption
from catalog.redemptions.tables import redemption
from payouts.ledger import resolve_hold


async def cancel_redemption(
    db: AsyncConnection,
    *,
    network_id: int,
    redemption_id: UUID,
    member_id: UUID | None = None,
    actor: str,
    now: datetime,
) -> Redemption:
    """Take a redemption back: a seat on its terms, a supplier's card until it is being ordered.

    A member who is named may cancel its own only. Raises RedemptionNotFound,
    RedemptionNotCancellable, BookingEnded.
    """
    one = await lock_redemption(db, network_id=network_id, redemption_id=redemption_id)
    if member_id not in (None, one.member_id):
        raise RedemptionNotFound
    if one.state is not RedemptionState.PLACED:
        raise RedemptionNotCancellable(state=one.state.value)
    if one.booking_id is not None:
        await cancel_booking(
            db, network_id=network_id, booking_id=one.booking_id, actor=actor, now=now
        )
    elif one.hold_id is not None:
        # The due row stays: its claimer locks it before the redemption, and finds this ended.
        await resolve_hold(
            db,
            network_id=network_id,
            hold_id=one.hold_id,
            kind="voided",
            amount=one.total,
            key=f"redemption:{redemption_id}:cancel",
            now=now,
        )
    await db.execute(
        update(redemption)
        .where(redemption.c.network_id == network_id, redemption.c.redemption_id == redemption_id)
        .values(state=RedemptionState.CANCELLED, ended_at=now)
    )
    return replace(one, state=RedemptionState.CANCELLED, ended_at=now)
