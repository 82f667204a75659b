"""Revising rewards."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog.rewards.checks import check_draft, check_own_card
from catalog.rewards.errors import RewardInvalid, RewardNotFound
from catalog.rewards.model import GiftCardTerms, Reward, RewardDraft
from catalog.rewards.queries import get_reward
from catalog.rewards.save_version import save_version
from catalog.rewards.tables import reward
from partners.networks import get_network


async def revise_reward(
    db: AsyncConnection, *, network_id: int, reward_id: UUID, draft: RewardDraft, now: datetime
) -> Reward:
    """Add a version to a reward; what is on sale changes only when it is published.

    Returns the new version. Raises RewardNotFound or RewardInvalid.
    """
    network = await get_network(db, network_id=network_id)
    check_draft(draft, network_currency=network.currency)
    # The number is taken by the row's own lock, so that two revisions never share one.
    taken = (
        await db.execute(
            update(reward)
            .where(reward.c.network_id == network_id, reward.c.reward_id == reward_id)
            .values(latest_version=reward.c.latest_version + 1)
            .returning(reward.c.latest_version, reward.c.kind, reward.c.supplier_id)
        )
    ).first()
    if taken is None:
        raise RewardNotFound(reward_id=reward_id)
    if taken.kind != draft.kind:
        raise RewardInvalid("A reward keeps its kind.", path=("kind",))
    if isinstance(draft.terms, GiftCardTerms) and taken.supplier_id is None:
        check_own_card(draft.terms, network_currency=network.currency)
    drafts = [(reward_id, taken.latest_version, draft)]
    await save_version(db, network_id=network_id, drafts=drafts, now=now)
    return await get_reward(
        db, network_id=network_id, reward_id=reward_id, version=taken.latest_version
    )
