"""Reads of slots and bookings."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences.errors import BookingNotFound, SlotNotFound
from catalog.experiences.model import Booking, BookingState, ExperienceSlot
from catalog.experiences.tables import booking, experience_slot
from payouts.money import Money


def _slot(row: Any) -> ExperienceSlot:
    return ExperienceSlot(
        row.slot_id, row.reward_id, row.partner_id, row.starts_at, row.capacity, row.booked
    )


async def read_slots(
    db: AsyncConnection, *, network_id: int, slot_ids: Collection[UUID]
) -> dict[UUID, ExperienceSlot]:
    """Tell slots by id; absent ones are left out."""
    rows = await db.execute(
        select(experience_slot).where(
            experience_slot.c.network_id == network_id, experience_slot.c.slot_id.in_(slot_ids)
        )
    )
    return {row.slot_id: _slot(row) for row in rows}


async def get_slot(db: AsyncConnection, *, network_id: int, slot_id: UUID) -> ExperienceSlot:
    """Tell one slot. Raises SlotNotFound."""
    found = await read_slots(db, network_id=network_id, slot_ids=[slot_id])
    if slot_id not in found:
        raise SlotNotFound
    return found[slot_id]


async def lock_slot(db: AsyncConnection, *, network_id: int, slot_id: UUID) -> ExperienceSlot:
    """Tell a slot and keep others from taking or reserving its seats. Raises SlotNotFound."""
    row = await db.execute(
        select(experience_slot)
        .where(experience_slot.c.network_id == network_id, experience_slot.c.slot_id == slot_id)
        .with_for_update(key_share=True)
    )
    found = row.one_or_none()
    if found is None:
        raise SlotNotFound
    return _slot(found)


async def list_slots(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, since: datetime, limit: int
) -> list[ExperienceSlot]:
    """List the slots of an experience that begin after an instant, the next first."""
    rows = await db.execute(
        select(experience_slot)
        .where(
            experience_slot.c.network_id == network_id,
            experience_slot.c.reward_id == reward_id,
            experience_slot.c.starts_at > since,
        )
        .order_by(experience_slot.c.starts_at, experience_slot.c.slot_id)
        .limit(limit)
    )
    return [_slot(row) for row in rows]


def _booking(row: Any) -> Booking:
    return Booking(
        booking_id=row.booking_id,
        slot_id=row.slot_id,
        redemption_id=row.redemption_id,
        partner_id=row.partner_id,
        member_id=row.member_id,
        price=Money(row.price, row.currency),
        commission=Money(row.commission, row.currency),
        penalty=None if row.penalty is None else Money(row.penalty, row.currency),
        free_until_hours=row.free_until_hours,
        penalty_bps=row.penalty_bps,
        state=BookingState(row.state),
        starts_at=row.starts_at,
        booked_at=row.booked_at,
        ended_at=row.ended_at,
    )


async def read_bookings(
    db: AsyncConnection, *, network_id: int, booking_ids: Collection[UUID]
) -> dict[UUID, Booking]:
    """Tell bookings by id; absent ones are left out."""
    rows = await db.execute(
        select(booking).where(
            booking.c.network_id == network_id, booking.c.booking_id.in_(booking_ids)
        )
    )
    return {row.booking_id: _booking(row) for row in rows}


async def lock_booking(db: AsyncConnection, *, network_id: int, booking_id: UUID) -> Booking:
    """Tell a booking and keep others from changing it. Raises BookingNotFound."""
    row = await db.execute(
        select(booking)
        .where(booking.c.network_id == network_id, booking.c.booking_id == booking_id)
        .with_for_update(key_share=True)
    )
    found = row.one_or_none()
    if found is None:
        raise BookingNotFound
    return _booking(found)
