"""Opening a network's book."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.tables import book


async def open_book(db: AsyncConnection, *, network_id: int, zone: str, now: datetime) -> None:
    """Open the network's book, whose months are those of an IANA time zone.

    Raises ZoneInfoNotFoundError for a zone that does not exist. Opening it again changes nothing.
    """
    ZoneInfo(zone)
    row = insert(book).values(book_id=network_id, network_id=network_id, zone=zone, created_at=now)
    await db.execute(row.on_conflict_do_nothing())
