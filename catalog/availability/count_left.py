"""Counting what is left of what we count ourselves."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, DateTime, Text, Uuid, bindparam, column, text
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.availability.model import Left, LeftOf

_COUNT = (
    text(
        "SELECT c.reward_id, c.counted, c.pieces, c.whole"
        " FROM catalog.count_left(:network, :rewards, :now) AS c"
    )
    .bindparams(
        bindparam("network", type_=BigInteger),
        bindparam("rewards", type_=ARRAY(Uuid)),
        bindparam("now", type_=DateTime(timezone=True)),
    )
    .columns(
        column("reward_id", Uuid),
        column("counted", Text),
        column("pieces", BigInteger),
        column("whole", BigInteger),
    )
)


async def count_left(
    db: AsyncConnection, *, network_id: int, reward_ids: Collection[UUID] | None, now: datetime
) -> dict[UUID, Left]:
    """Tell how much is left of limited cards, codes of pools and seats, without what quotes hold.

    Of all that is on sale when `reward_ids` is None. What we do not count is left out. One
    statement, which answers the same to everybody in the network.
    """
    if reward_ids is not None and not reward_ids:
        return {}
    given = None if reward_ids is None else list(reward_ids)
    rows = await db.execute(_COUNT, {"network": network_id, "rewards": given, "now": now})
    return {row.reward_id: Left(LeftOf(row.counted), row.pieces, row.whole) for row in rows}
