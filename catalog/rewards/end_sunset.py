"""Retiring rewards after their sunset."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.lifecycle import CLOCK, RewardCommand, leads_on
from catalog.rewards.model import Reward, RewardState
from catalog.rewards.move_reward import move_reward


async def end_sunset(db: AsyncConnection, *, network_id: int, gone: Reward, now: datetime) -> None:
    """Retire a reward that begin_sunset took off the lists, as nothing hangs on it any more."""
    leads_on(RewardCommand.SUNSET, gone.state)
    await move_reward(
        db,
        network_id=network_id,
        moved=gone,
        command=RewardCommand.SUNSET,
        state=RewardState.RETIRED,
        actor=CLOCK,
        now=now,
    )
