"""Finding the first movement of a stretch."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncConnection

from payouts.ledger.stretch import Stretch, select_stretch
from payouts.ledger.tables import account, journal, posting


async def find_first_movement(
    db: AsyncConnection,
    *,
    network_id: int,
    types: Sequence[str],
    unit: str,
    stretch: Stretch,
) -> datetime | None:
    """Tell when the first thing took effect that a stretch moved on accounts of some types.

    Changes nothing.
    """
    query = select_stretch(
        (func.min(journal.c.effective_at),), network_id=network_id, stretch=stretch
    ).where(account.c.type.in_(types), posting.c.unit == unit)
    found: datetime | None = (await db.execute(query)).scalar_one()
    return found
