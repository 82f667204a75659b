"""Experiences: seats on slots, booked, cancelled, delivered."""

from catalog.experiences.add_slot import add_slot
from catalog.experiences.book_seat import book_seat
from catalog.experiences.cancel_booking import cancel_booking
from catalog.experiences.deliver_booking import deliver_booking
from catalog.experiences.errors import (
    BookingEnded,
    BookingNotFound,
    ExperienceAgreementMissing,
    SlotInvalid,
    SlotNotFound,
    SlotOver,
    SoldOut,
)
from catalog.experiences.model import DELIVER_KIND, Booking, BookingState, ExperienceSlot
from catalog.experiences.queries import (
    get_slot,
    list_slots,
    lock_slot,
    read_bookings,
    read_slots,
)

__all__ = [
    "DELIVER_KIND",
    "Booking",
    "BookingEnded",
    "BookingNotFound",
    "BookingState",
    "ExperienceAgreementMissing",
    "ExperienceSlot",
    "SlotInvalid",
    "SlotNotFound",
    "SlotOver",
    "SoldOut",
    "add_slot",
    "book_seat",
    "cancel_booking",
    "deliver_booking",
    "get_slot",
    "list_slots",
    "lock_slot",
    "read_bookings",
    "read_slots",
]
