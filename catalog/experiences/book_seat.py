"""Booking seats."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.experiences.errors import ExperienceAgreementMissing, SlotOver, SoldOut
from catalog.experiences.model import (
    DELIVER_KIND,
    Booking,
    BookingState,
    ExperienceSlot,
    commission_on,
    experience_book_journal,
)
from catalog.experiences.queries import get_slot
from catalog.experiences.tables import booking, experience_slot
from catalog.rewards import ExperienceTerms
from partners.agreements import find_agreement
from payouts.due import announce_due
from payouts.ledger import post_journal
from payouts.money import new_id


async def book_seat(
    db: AsyncConnection,
    *,
    network_id: int,
    slot_id: UUID,
    redemption_id: UUID,
    member_id: UUID,
    terms: ExperienceTerms,
    actor: str,
    now: datetime,
) -> Booking:
    """Take a seat and its price from the member's wallet; the partner is owed it once delivered.

    Raises SlotNotFound, SlotOver, SoldOut, ExperienceAgreementMissing, BalanceTooLow.
    """
    slot = await _take_seat(db, network_id, slot_id, now)
    agreement = await find_agreement(db, network_id=network_id, partner_id=slot.partner_id, at=now)
    if agreement is None or agreement.currency != terms.price.currency:
        raise ExperienceAgreementMissing(currency=terms.price.currency)
    one = Booking(
        booking_id=new_id(now),
        slot_id=slot_id,
        redemption_id=redemption_id,
        partner_id=slot.partner_id,
        member_id=member_id,
        price=terms.price,
        commission=commission_on(
            terms.price, experience_commission_bps=agreement.experience_commission_bps
        ),
        penalty=None,
        free_until_hours=terms.free_until_hours,
        penalty_bps=terms.penalty_bps,
        state=BookingState.BOOKED,
        starts_at=slot.starts_at,
        booked_at=now,
        ended_at=None,
    )
    await _insert(db, network_id, one)
    draft = experience_book_journal(one, actor=actor, now=now)
    await post_journal(db, network_id=network_id, draft=draft, now=now)
    await announce_due(
        db,
        network_id=network_id,
        kind=DELIVER_KIND,
        due_id=one.booking_id,
        due_at=slot.starts_at,
    )
    return one


async def _take_seat(
    db: AsyncConnection, network_id: int, slot_id: UUID, now: datetime
) -> ExperienceSlot:
    taken = await db.execute(
        update(experience_slot)
        .where(
            experience_slot.c.network_id == network_id,
            experience_slot.c.slot_id == slot_id,
            experience_slot.c.booked < experience_slot.c.capacity,
            experience_slot.c.starts_at > now,
        )
        .values(booked=experience_slot.c.booked + 1)
        .returning(experience_slot.c.slot_id)
    )
    is_taken = taken.first() is not None
    slot = await get_slot(db, network_id=network_id, slot_id=slot_id)
    if is_taken:
        return slot
    if slot.starts_at <= now:
        raise SlotOver(starts_at=slot.starts_at)
    raise SoldOut


async def _insert(db: AsyncConnection, network_id: int, one: Booking) -> None:
    await db.execute(
        insert(booking).values(
            network_id=network_id,
            booking_id=one.booking_id,
            slot_id=one.slot_id,
            redemption_id=one.redemption_id,
            partner_id=one.partner_id,
            member_id=one.member_id,
            price=one.price.minor,
            commission=one.commission.minor,
            currency=one.price.currency,
            free_until_hours=one.free_until_hours,
            penalty_bps=one.penalty_bps,
            state=one.state,
            starts_at=one.starts_at,
            booked_at=one.booked_at,
        )
    )
