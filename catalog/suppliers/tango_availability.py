"""Reads how much a message of Tango's says there is of an item.

Documented: an event has `eventOccurredAt`, a timestamp, and `revision`, its position within the
subscription; an item is AVAILABLE, UNAVAILABLE, DEGRADED or DEPRECATED. Assumed: what is degraded
can still be had, though less surely; a timestamp has its offset from UTC.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from catalog.availability import Availability
from catalog.suppliers.port import ItemAvailability

REVISION_MAX = 2**63 - 1
_LEVELS = {
    "AVAILABLE": Availability.IN_STOCK,
    "DEGRADED": Availability.LOW,
    "UNAVAILABLE": Availability.OUT,
    "DEPRECATED": Availability.OUT,
}


def read_tango_availability(
    event: Mapping[str, Any], about: Mapping[str, Any], sku: str | None
) -> ItemAvailability | None:
    """Read how much there is of an item; None when it is not said, or not as of when.

    Without its instant a message that comes late cannot be told from a new one.
    """
    status = about.get("availabilityStatus")
    level = _LEVELS.get(status) if isinstance(status, str) else None
    observed_at = _instant(event.get("eventOccurredAt"))
    if sku is None or level is None or observed_at is None:
        return None
    revision: Any = event.get("revision")
    is_number = type(revision) is int and 0 <= revision <= REVISION_MAX
    return ItemAvailability(sku, level, observed_at, revision if is_number else 0)


def _instant(text: Any) -> datetime | None:
    try:
        read = datetime.fromisoformat(text) if isinstance(text, str) else None
        if read is None or read.tzinfo is None:
            return None
        return read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
