"""Revising rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.checks import check_draft, check_own_card
from catalog.rewards.errors import RewardInvalid
from catalog.rewards.lifecycle import NOBODY_NAMED, RewardCommand, leads_on
from catalog.rewards.lock_reward import lock_reward
from catalog.rewards.model import GiftCardTerms, Reward, RewardDraft, RewardState
from catalog.rewards.move_reward import move_reward
from catalog.rewards.queries import get_reward
from catalog.rewards.save_version import save_version
from catalog.rewards.tables import reward
from partners.networks import get_network


async def revise_reward(
    db: AsyncConnection,
    *,
    network_id: int,
    reward_id: UUID,
    draft: RewardDraft,
    actor: str = NOBODY_NAMED,
    now: datetime,
) -> Reward:
    """Add a version to a reward; what is on sale changes only when it is published.

    A rejected reward is a draft again. What is reviewed or scheduled is not revised: it goes on
    sale as it was submitted. Returns the new version. Raises RewardNotFound, RewardInvalid,
    RewardStateConflict.
    """
    network = await get_network(db, network_id=network_id)
    check_draft(draft, network_currency=network.currency)
    # The number is taken under the row's own lock, so that two revisions never share one.
    found = await lock_reward(db, network_id=network_id, reward_id=reward_id)
    leads_on(RewardCommand.REVISE, found.state)
    if found.kind != draft.kind:
        raise RewardInvalid("A reward keeps its kind.", path=("kind",))
    if isinstance(draft.terms, GiftCardTerms) and found.supplier is None:
        check_own_card(draft.terms, network_currency=network.currency)
    version = found.latest_version + 1
    await db.execute(
        update(reward)
        .where(reward.c.network_id == network_id, reward.c.reward_id == reward_id)
        .values(latest_version=version)
    )
    await save_version(db, network_id=network_id, drafts=[(reward_id, version, draft)], now=now)
    if found.state is RewardState.REJECTED:
        await move_reward(
            db,
            network_id=network_id,
            moved=found,
            command=RewardCommand.REVISE,
            state=RewardState.DRAFT,
            actor=actor,
            version=version,
            now=now,
        )
    return await get_reward(db, network_id=network_id, reward_id=reward_id, version=version)
