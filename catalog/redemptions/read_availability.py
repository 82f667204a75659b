"""Reading how much there is of rewards."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability import (
    Availability,
    Left,
    best_of,
    count_left,
    read_levels,
    worst_of,
)
from catalog.rewards import Reward, list_source_ids


async def read_availability(
    db: AsyncConnection, *, network_id: int, rewards: Collection[Reward], now: datetime
) -> dict[UUID, Availability]:
    """Tell how much there is of rewards, in three statements however many they are.

    Of what is sold from several suppliers the best counts. Codes of a pool, limited cards and
    seats are counted now; what a supplier says of its item speaks beside the count. A card of the
    network's own without a limit, and an offer, are always there.
    """
    bought = [one.reward_id for one in rewards if one.supplier is not None]
    own = [one.reward_id for one in rewards if one.supplier is None]
    sources = await list_source_ids(db, network_id=network_id, reward_ids=bought)
    items = {item for some in sources.values() for item in some}
    said = await read_levels(db, network_id=network_id, reward_ids=items)
    counted = await count_left(db, network_id=network_id, reward_ids=[*items, *own], now=now)
    found = {key: counted[key].level if key in counted else Availability.IN_STOCK for key in own}
    for key, some in sources.items():
        found[key] = best_of(_level(item, counted, said) for item in some)
    return found


def _level(
    item: UUID, counted: Mapping[UUID, Left], said: Mapping[UUID, Availability]
) -> Availability:
    return worst_of(counted[item].level, said[item]) if item in counted else said[item]
