"""Seats on slots, and the journals of a booking's life."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from payouts.events import experience_book, experience_cancel, experience_deliver
from payouts.ledger import Cause, Draft
from payouts.money import Money, Rounding, proportion, share_of

DELIVER_KIND = "experience.deliver"
CAPACITY_MAX = 100_000


class BookingState(StrEnum):
    """What became of a seat."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class ExperienceSlot:
    """One time at which an experience takes place, and its seats."""

    slot_id: UUID
    reward_id: UUID
    partner_id: UUID
    starts_at: datetime
    capacity: int
    booked: int

    @property
    def left(self) -> int:
        """Seats that are still free."""
        return self.capacity - self.booked


@dataclass(frozen=True, slots=True)
class Booking:
    """A seat of a member, on the terms it was booked on."""

    booking_id: UUID
    slot_id: UUID
    redemption_id: UUID
    partner_id: UUID
    member_id: UUID
    price: Money
    commission: Money
    penalty: Money | None
    free_until_hours: int | None
    penalty_bps: int
    state: BookingState
    starts_at: datetime
    booked_at: datetime
    ended_at: datetime | None

    def penalty_at(self, now: datetime) -> Money:
        """What cancelling costs at an instant."""
        hours = self.free_until_hours
        if hours is not None and now <= self.starts_at - timedelta(hours=hours):
            return Money.zero(self.price.currency)
        return share_of(self.price, basis_points=self.penalty_bps, rounding=Rounding.HALF_EVEN)

    def commission_of(self, penalty: Money) -> Money:
        """The network's part of a penalty: the same part as of the price."""
        return proportion(
            self.commission,
            part=penalty.minor,
            whole=self.price.minor,
            rounding=Rounding.HALF_EVEN,
        )


def commission_on(price: Money, *, experience_commission_bps: int) -> Money:
    """The network's commission on an experience."""
    return share_of(price, basis_points=experience_commission_bps, rounding=Rounding.HALF_EVEN)


def experience_book_journal(one: Booking, *, actor: str, now: datetime) -> Draft:
    """A seat is booked; `experience_cancel_journal` reverses it, but for the penalty."""
    return Draft(
        kind="experience.book",
        key=f"booking:{one.booking_id}:book",
        cause=Cause("booking", str(one.booking_id)),
        lines=experience_book(
            member_id=one.member_id,
            partner_id=one.partner_id,
            price=one.price,
            commission=one.commission,
        ),
        actor=actor,
        effective_at=now,
    )


def experience_cancel_journal(one: Booking, *, penalty: Money, actor: str, now: datetime) -> Draft:
    """A seat is given back, at a penalty of which the network keeps its commission."""
    return Draft(
        kind="experience.cancel",
        key=f"booking:{one.booking_id}:cancel",
        cause=Cause("booking", str(one.booking_id)),
        lines=experience_cancel(
            member_id=one.member_id,
            partner_id=one.partner_id,
            price=one.price,
            commission=one.commission,
            penalty=penalty,
            penalty_commission=one.commission_of(penalty),
        ),
        actor=actor,
        effective_at=now,
    )


def experience_deliver_journal(one: Booking, *, actor: str, now: datetime) -> Draft:
    """The experience took place."""
    return Draft(
        kind="experience.deliver",
        key=f"booking:{one.booking_id}:deliver",
        cause=Cause("booking", str(one.booking_id)),
        lines=experience_deliver(
            partner_id=one.partner_id, price=one.price, commission=one.commission
        ),
        actor=actor,
        effective_at=max(one.starts_at, one.booked_at),
    )
