"""What a pool of codes holds, and what becomes of a line of a file of codes."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from payouts.money import Money

RESERVED_MAX = 20
"""So many codes one member may keep reserved at once: nobody empties a pool by asking for prices."""


class CodeState(StrEnum):
    """How far a code is. One whose reservation has lapsed can be reserved again as it is."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    DELIVERED = "delivered"


class LoadOutcome(StrEnum):
    """What became of a code that was to be loaded."""

    LOADED = "loaded"
    REPEATED = "repeated"
    """It stands in the file twice."""
    KNOWN = "known"
    """It was loaded or delivered before."""


@dataclass(frozen=True, slots=True)
class PoolCount:
    """How many codes of one face there are: free to be sold, reserved, and sold."""

    supplier_id: UUID
    supplier_sku: str
    face: Money
    available: int
    reserved: int
    delivered: int


def realm_of(supplier_id: UUID) -> str:
    """Say whose numbers a supplier's codes are; the same words as for codes it delivers."""
    return f"supplier:{supplier_id}"
