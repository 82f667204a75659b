"""Delivering experiences whose time has come."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences import DELIVER_KIND, BookingState, deliver_booking, read_bookings
from catalog.redemptions.model import RedemptionState
from catalog.redemptions.queries import lock_redemption
from catalog.redemptions.tables import redemption
from payouts.due import claim_due

LEASE_SECONDS = 60
ACTOR = "worker"


async def deliver_due_experiences(
    db: AsyncConnection, *, network_id: int, limit: int, now: datetime
) -> int:
    """Count experiences that have begun as delivered, with their redemptions; tell how many."""
    due_ids = await claim_due(
        db,
        network_id=network_id,
        kind=DELIVER_KIND,
        limit=limit,
        lease_seconds=LEASE_SECONDS,
        now=now,
    )
    # The redemption is locked before the booking, as by those who cancel it.
    bookings = await read_bookings(db, network_id=network_id, booking_ids=due_ids)
    for booking_id in sorted(bookings):
        redemption_id = bookings[booking_id].redemption_id
        await lock_redemption(db, network_id=network_id, redemption_id=redemption_id)
        seat = await deliver_booking(
            db, network_id=network_id, booking_id=booking_id, actor=ACTOR, now=now
        )
        if seat.state is BookingState.DELIVERED:
            await db.execute(
                update(redemption)
                .where(
                    redemption.c.network_id == network_id,
                    redemption.c.redemption_id == seat.redemption_id,
                    redemption.c.state == RedemptionState.PLACED,
                )
                .values(state=RedemptionState.FULFILLED, ended_at=now)
            )
    return len(due_ids)
