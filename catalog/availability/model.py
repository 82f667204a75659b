"""How much there is of something, what was said of it, and which word counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

PIECES_LOW_MAX = 5
"""So many cards or codes are few."""
SEATS_LOW_BPS = 2_000
"""So much of all seats that can still be booked, in basis points, is little."""
AHEAD_MAX = timedelta(minutes=5)
"""A word from so far ahead of our clock is of a clock that runs fast."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE_BPS = 10_000


class Availability(StrEnum):
    """How much there is of a reward."""

    IN_STOCK = "in_stock"
    LOW = "low"
    """There is little left."""
    OUT = "out"
    """There is none."""
    UNKNOWN = "unknown"
    """Nobody said; it is sold until somebody does."""


class SaidBy(StrEnum):
    """How a supplier said it."""

    FEED = "feed"
    """Its catalogue, when it was imported."""
    MESSAGE = "message"
    ORDER = "order"
    """It refused an order because there was none."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of an item, and when its supplier saw it so.

    Of two words of one instant the one of the higher `sequence` is newer: a place in the
    supplier's own numbering of its messages, 0 where it has none.
    """

    reward_id: UUID
    availability: Availability
    observed_at: datetime
    sequence: int = 0

    @property
    def order(self) -> tuple[datetime, int]:
        """By what older words are told from newer ones."""
        return self.observed_at, self.sequence


def newest_of(said: Iterable[Said], *, now: datetime) -> dict[UUID, Said]:
    """Tell the newest word of each item; of two that are equally new the first that was given.

    What claims to be of much later than now is of a wrong clock and does not count: it would keep
    every true word out until its time had come.
    """
    newest: dict[UUID, Said] = {}
    for one in said:
        if one.observed_at > now + AHEAD_MAX:
            continue
        known = newest.get(one.reward_id)
        if known is None or one.order > known.order:
            newest[one.reward_id] = one
    return newest


def level_of_pieces(left: int) -> Availability:
    """Tell how much so many cards or codes are: few are LOW."""
    if left <= 0:
        return Availability.OUT
    return Availability.LOW if left <= PIECES_LOW_MAX else Availability.IN_STOCK


def level_of_seats(left: int, seats: int) -> Availability:
    """Tell how much it is that so many of all seats are left: a small share is LOW."""
    if left <= 0:
        return Availability.OUT
    is_low = left * _WHOLE_BPS <= seats * SEATS_LOW_BPS
    return Availability.LOW if is_low else Availability.IN_STOCK


class LeftOf(StrEnum):
    """What is counted."""

    CARDS = "cards"
    CODES = "codes"
    SEATS = "seats"


@dataclass(frozen=True, slots=True)
class Left:
    """How many pieces are left; of seats also of how many."""

    of: LeftOf
    pieces: int
    whole: int | None = None

    @property
    def level(self) -> Availability:
        """Tell how much that is."""
        if self.whole is None:
            return level_of_pieces(self.pieces)
        return level_of_seats(self.pieces, self.whole)


_BEST_FIRST = (Availability.IN_STOCK, Availability.LOW, Availability.UNKNOWN, Availability.OUT)


def best_of(levels: Iterable[Availability]) -> Availability:
    """Tell how much there is of what can be had from any of several: OUT only when all are."""
    return min(levels, key=_BEST_FIRST.index, default=Availability.UNKNOWN)


def worst_of(counted: Availability, said: Availability) -> Availability:
    """Tell how much there is of what we count and its supplier speaks of: OUT when either says so.

    What the supplier does not say takes nothing away from what was counted.
    """
    if said is Availability.UNKNOWN:
        return counted
    return max(counted, said, key=_BEST_FIRST.index)
