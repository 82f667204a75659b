"""Reads of the sealed order."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

_POSITION = text("SELECT s.seq FROM payouts.sealer s WHERE s.book_id = :book").bindparams(
    bindparam("book", type_=BigInteger)
)
# A journal below the sealer's hint is sealed already; the hint saves reading the whole book.
_OLDEST = text(
    """
    SELECT min(j.recorded_at) FROM payouts.journal j
    WHERE j.book_id = :book
      AND j.xid >= coalesce((SELECT s.hint FROM payouts.sealer s WHERE s.book_id = :book), '0')
      AND NOT EXISTS (SELECT 1 FROM payouts.seal k
        WHERE k.book_id = :book AND k.book_id = j.book_id AND k.journal_id = j.journal_id)
    """
).bindparams(bindparam("book", type_=BigInteger))


async def read_seal_position(db: AsyncConnection, *, network_id: int) -> int:
    """Tell the last place of the book's order; 0 when nothing was sealed."""
    return (await db.execute(_POSITION, {"book": network_id})).scalar_one_or_none() or 0


async def read_unsealed_age(
    db: AsyncConnection, *, network_id: int, now: datetime
) -> timedelta | None:
    """Tell how long the oldest journal without a place has been waiting for it."""
    oldest = (await db.execute(_OLDEST, {"book": network_id})).scalar_one_or_none()
    return None if oldest is None else max(now - oldest, timedelta())
