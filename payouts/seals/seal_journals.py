"""Sealing."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.seals.model import SealPosition

_SEAL = text("SELECT last_seq, sealed FROM payouts.seal_journals(:book, :sealed_at)").bindparams(
    bindparam("book", type_=BigInteger), bindparam("sealed_at", type_=DateTime(timezone=True))
)


async def seal_journals(db: AsyncConnection, *, network_id: int, now: datetime) -> SealPosition:
    """Give every committed journal of the network's book its place in the book's order.

    Until this transaction ends, nobody else seals the same book: whoever fixes something to the
    position returned takes turns with others who do.
    """
    row = (await db.execute(_SEAL, {"book": network_id, "sealed_at": now})).one()
    return SealPosition(row.last_seq, row.sealed)
