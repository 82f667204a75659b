"""Cancelling bookings."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences.errors import BookingEnded
from catalog.experiences.model import (
    Booking,
    BookingState,
    experience_book_journal,
    experience_cancel_journal,
)
from catalog.experiences.queries import lock_booking
from catalog.experiences.tables import booking, experience_slot
from payouts.ledger import find_journal, post_journal


async def cancel_booking(
    db: AsyncConnection, *, network_id: int, booking_id: UUID, actor: str, now: datetime
) -> Booking:
    """Give a seat back, and the member the price less the penalty that its terms name.

    The value comes back to the lots it was taken from, with their end. The due row stays until its
    time, when the seat is found cancelled. Raises BookingNotFound, or BookingEnded once the
    experience has begun.
    """
    one = await lock_booking(db, network_id=network_id, booking_id=booking_id)
    if one.state is not BookingState.BOOKED or now >= one.starts_at:
        raise BookingEnded(state=one.state.value)
    penalty = one.penalty_at(now)
    await db.execute(
        update(booking)
        .where(booking.c.network_id == network_id, booking.c.booking_id == booking_id)
        .values(state=BookingState.CANCELLED, penalty=penalty.minor, ended_at=now)
    )
    await db.execute(
        update(experience_slot)
        .where(experience_slot.c.network_id == network_id, experience_slot.c.slot_id == one.slot_id)
        .values(booked=experience_slot.c.booked - 1)
    )
    draft = experience_cancel_journal(one, penalty=penalty, actor=actor, now=now)
    key = experience_book_journal(one, actor=actor, now=now).key
    booked = await find_journal(db, network_id=network_id, key=key)
    draft = replace(draft, restores=booked)
    await post_journal(db, network_id=network_id, draft=draft, now=now)
    return replace(one, state=BookingState.CANCELLED, penalty=penalty, ended_at=now)
