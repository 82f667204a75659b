"""Listing what there is none of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import Availability, count_left, list_said_out
from catalog.rewards import list_sold_as, list_source_ids


async def list_unavailable(
    db: AsyncConnection, *, network_id: int, now: datetime
) -> frozenset[UUID]:
    """Tell all rewards on sale of which there is none now, as read_availability tells of each.

    For what has to list or count the rest. Four statements; how long the first takes grows with
    what we count of all that is on sale.
    """
    counted = await count_left(db, network_id=network_id, reward_ids=None, now=now)
    out = {key for key, one in counted.items() if one.level is Availability.OUT}
    out.update(await list_said_out(db, network_id=network_id))
    leads = await list_sold_as(db, network_id=network_id, item_ids=out)
    sources = await list_source_ids(db, network_id=network_id, reward_ids=leads)
    return frozenset(lead for lead, some in sources.items() if out.issuperset(some))
