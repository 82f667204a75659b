"""Bringing a reward into another state."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.lifecycle import RewardCommand
from catalog.rewards.model import Reward, RewardState
from catalog.rewards.tables import reward, reward_transition
from payouts.money import new_id


async def move_reward(
    db: AsyncConnection,
    *,
    network_id: int,
    moved: Reward,
    command: RewardCommand,
    state: RewardState,
    actor: str,
    version: int | None = None,
    reason: str | None = None,
    effective_at: datetime | None = None,
    submitted_by: str | None = None,
    now: datetime,
) -> None:
    """Give a locked reward another state, and write down who commanded it, when and why.

    `effective_at` is when it goes live, or its sunset; what it waited for before is forgotten. The
    transition is about the version that is told in `moved`, or another that is named.
    """
    is_gone = {} if state is not RewardState.RETIRED else {"retired_at": now}
    await db.execute(
        update(reward)
        .where(reward.c.network_id == network_id, reward.c.reward_id == moved.reward_id)
        .values(
            state=state.value,
            goes_live_at=effective_at if state is RewardState.SCHEDULED else None,
            sunset_at=effective_at if state is RewardState.RETIRING else None,
            **is_gone,
        )
    )
    await db.execute(
        insert(reward_transition).values(
            network_id=network_id,
            reward_transition_id=new_id(now),
            reward_id=moved.reward_id,
            number=_next_number(network_id, moved.reward_id),
            command=command.value,
            from_state=moved.state.value,
            to_state=state.value,
            version=moved.version if version is None else version,
            actor=actor,
            reason=reason,
            effective_at=effective_at,
            submitted_by=submitted_by,
            partner_id=moved.partner_id,
            made_at=now,
        )
    )


def _next_number(network_id: int, reward_id: UUID) -> object:
    """Count on from the last; the lock on the reward keeps two from taking one number."""
    return (
        select(func.coalesce(func.max(reward_transition.c.number), 0) + 1)
        .where(
            reward_transition.c.network_id == network_id,
            reward_transition.c.reward_id == reward_id,
        )
        .scalar_subquery()
    )
