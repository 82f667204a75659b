"""Taking rewards off sale at their sunset."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.changes import ChangeKind
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import Reward, RewardState
from catalog.rewards.queries import get_rewards
from catalog.rewards.take_off_lists import take_off_lists


async def begin_sunset(
    db: AsyncConnection, *, network_id: int, reward_ids: Collection[UUID], now: datetime
) -> list[Reward]:
    """Take those of these rewards off the lists whose sunset has come; tell them, locked.

    They are not quoted any more; what was quoted or ordered before may still be carried out.
    """
    gone = []
    known = await get_rewards(db, network_id=network_id, reward_ids=reward_ids)
    for reward_id in sorted(known):
        found = await lock_reward(db, network_id=network_id, reward_id=reward_id)
        if found.state is RewardState.RETIRING and not found.is_listed(now):
            await take_off_lists(
                db, network_id=network_id, reward_id=reward_id, kind=ChangeKind.RETIRED, now=now
            )
            gone.append(found)
    return gone
