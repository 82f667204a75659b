"""Finding rewards."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.entries import entry_of
from catalog.rewards.model import FoundPage, FoundReward
from catalog.rewards.queries import get_rewards
from catalog.search import SearchCursor, Wanted, explain_hit, search_rewards


async def find_rewards(
    db: AsyncConnection,
    *,
    network_id: int,
    wanted: Wanted,
    limit: int,
    after: SearchCursor | None = None,
    before: SearchCursor | None = None,
    backward: bool = False,
    shown: Collection[UUID] | None = None,
    without: Collection[UUID] = (),
) -> FoundPage:
    """Find what is on sale by its words and facts, and tell of each reward why it was found.

    A page is at most six statements; see search_rewards for its order, `shown` and `without`.
    Raises SearchInvalid.
    """
    page = await search_rewards(
        db,
        network_id=network_id,
        wanted=wanted,
        limit=limit,
        after=after,
        before=before,
        backward=backward,
        shown=shown,
        without=without,
    )
    rewards = await get_rewards(
        db, network_id=network_id, reward_ids=[hit.reward_id for hit in page.hits]
    )
    found = tuple(
        FoundReward(
            reward=rewards[hit.reward_id],
            place=page.cursor_of(hit),
            reasons=explain_hit(page.terms, entry_of(rewards[hit.reward_id])),
        )
        for hit in page.hits
    )
    return FoundPage(found, page.has_more, page.total, page.facets)
