"""Delivering experiences."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences.model import (
    DELIVER_KIND,
    Booking,
    BookingState,
    experience_deliver_journal,
)
from catalog.experiences.queries import lock_booking
from catalog.experiences.tables import booking
from payouts.due import clear_due
from payouts.ledger import post_journal


async def deliver_booking(
    db: AsyncConnection, *, network_id: int, booking_id: UUID, actor: str, now: datetime
) -> Booking:
    """Count an experience as having taken place once its time has come: the partner is owed it.

    One that is over already, or has not begun, stays as it is.
    """
    one = await lock_booking(db, network_id=network_id, booking_id=booking_id)
    if one.state is BookingState.BOOKED and now < one.starts_at:
        return one
    await clear_due(db, network_id=network_id, kind=DELIVER_KIND, due_id=booking_id)
    if one.state is not BookingState.BOOKED:
        return one
    await db.execute(
        update(booking)
        .where(booking.c.network_id == network_id, booking.c.booking_id == booking_id)
        .values(state=BookingState.DELIVERED, ended_at=now)
    )
    draft = experience_deliver_journal(one, actor=actor, now=now)
    await post_journal(db, network_id=network_id, draft=draft, now=now)
    return replace(one, state=BookingState.DELIVERED, ended_at=now)
