"""Rewards of one network of the world in the states that only some may know of."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards import (
    ExperienceTerms,
    RewardDraft,
    RewardText,
    create_reward,
    publish_reward,
    submit_reward,
    suspend_reward,
)
from tests.conftest import NOW
from tests.permissions.sides import Side


async def live(side: Side) -> None:
    """Have one reward of each partner suspended for a reason, and one reviewed."""
    async with side.writing() as db:
        for partner_id in side.partners:
            suspended = await _draft(side, db, partner_id, side.mark("Reward"))
            await publish_reward(db, network_id=side.network_id, reward_id=suspended, now=NOW)
            await suspend_reward(
                db,
                network_id=side.network_id,
                reward_id=suspended,
                reason=side.mark("RewardTransition", partner_id),
                actor="staff:operator",
                now=NOW,
            )
            reviewed = await _draft(side, db, partner_id, side.mark("Draft"))
            await submit_reward(
                db,
                network_id=side.network_id,
                reward_id=reviewed,
                actor="staff:operator",
                now=NOW,
            )


async def _draft(side: Side, db: AsyncConnection, partner_id: UUID, text: str) -> UUID:
    said = RewardText(text, text, text, text)
    made = await create_reward(
        db,
        network_id=side.network_id,
        draft=RewardDraft(
            {"en": said, "ar": said}, ("SA",), ExperienceTerms(side.money("5.00"), 24, 2_000)
        ),
        partner_id=partner_id,
        now=NOW,
    )
    return made.reward_id
