"""Taking rewards out of the search."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, cast, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.search.tables import reward_search


async def unfile_rewards(
    db: AsyncConnection, *, network_id: int, reward_ids: Collection[UUID]
) -> None:
    """Let these rewards be found no longer; the words they were found by stay known."""
    await db.execute(
        delete(reward_search).where(
            reward_search.c.network_id == network_id,
            reward_search.c.reward_id == any_(cast(list(reward_ids), ARRAY(Uuid))),
        )
    )
